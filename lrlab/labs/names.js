// What ipywidgets leaves unsaid to a screen reader: what a lab is, its sliders' names, and which words are worth hearing.

function nameParts(lab) {
  lab.setAttribute("role", "group");
  lab.setAttribute("aria-label", "lrlab");
  const name = () => {
    const told = { ".lrlab-told": "polite", ".lrlab-message": "assertive", ".lrlab-inspector": "polite" };
    for (const [part, manners] of Object.entries(told)) {
      for (const place of lab.querySelectorAll(part)) setIfNew(place, "aria-live", manners);
    }
    for (const field of lab.querySelectorAll(".lrlab-field")) {
      const label = field.querySelector("label")?.textContent.trim();
      for (const part of field.querySelectorAll("[role=slider], input")) setIfNew(part, "aria-label", label);
    }
  };
  const setIfNew = (el, attribute, value) => {
    if (value && el.getAttribute(attribute) !== value) el.setAttribute(attribute, value);
  };
  name();
  const observer = new MutationObserver(name); // sliders are built anew when their range changes
  observer.observe(lab, { childList: true, subtree: true });
  return () => observer.disconnect();
}
