// What ipywidgets leaves out for screen readers and keyboards: what a lab is, its sliders' names, which words are worth
// hearing, and that a folded section is a button.

function nameParts(lab) {
  lab.setAttribute("role", "group");
  lab.setAttribute("aria-label", "lrlab");
  const name = () => {
    const told = { ".lrlab-told": "polite", ".lrlab-message": "assertive", ".lrlab-inspector": "polite" };
    for (const [part, manners] of Object.entries(told)) {
      for (const place of lab.querySelectorAll(part)) setIfNew(place, "aria-live", manners);
    }
    for (const header of lab.querySelectorAll(".jupyter-widget-Collapse-header")) {
      setIfNew(header, "role", "button");
      setIfNew(header, "tabindex", "0");
      setIfNew(header, "aria-expanded", String(Boolean(header.closest(".jupyter-widget-Collapse-open"))));
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
  observer.observe(lab, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] });
  const press = (event) => {
    if (!event.target.matches(".jupyter-widget-Collapse-header") || !["Enter", " "].includes(event.key)) return;
    event.preventDefault();
    event.target.click();
  };
  lab.addEventListener("keydown", press);
  return () => {
    observer.disconnect();
    lab.removeEventListener("keydown", press);
  };
}
