// What ipywidgets leaves out for screen readers and keyboards: its sliders' names, whether a switch is on, and that a
// folded section is a button.

function nameParts(lab) {
  lab.setAttribute("role", "group");
  const name = () => {
    for (const place of lab.querySelectorAll(".lrlab-message")) setIfNew(place, "aria-live", "assertive");
    for (const group of lab.querySelectorAll(".widget-toggle-buttons")) {
      setIfNew(group, "role", "group");
      setIfNew(group, "aria-label", group.querySelector(".widget-label")?.textContent.trim());
    }
    // A switch whose words change says by them what it is for next; "pressed" would contradict them.
    for (const button of lab.querySelectorAll(".widget-toggle-button:not(.lrlab-says-next)")) {
      setIfNew(button, "aria-pressed", String(button.classList.contains("mod-active")));
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

// Has what a lab has to say read aloud once it has come to rest: its sentences and the opened rule. The tables are there
// to be read, and a film would speak without end.
const AT_REST = 700; // milliseconds

function sayAtRest(lab, el) {
  const heard = el.appendChild(document.createElement("span"));
  heard.className = "lrlab-heard";
  heard.setAttribute("role", "status");
  const said = () => {
    const hidden = lab.classList.contains("lrlab-covers"); // predict first
    const places = `${hidden ? "" : ".lrlab-sentence, "}.lrlab-inspector p:not(.lrlab-memory)`;
    const words = [...lab.querySelectorAll(places)].filter((place) => place.checkVisibility());
    return words.map((place) => place.textContent).join(" ");
  };
  const say = () => {
    const words = said();
    if (words !== heard.textContent) heard.textContent = words;
  };
  let timer = 0;
  const observer = new MutationObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(say, AT_REST);
  });
  observer.observe(lab, { childList: true, subtree: true, characterData: true });
  say();
  return () => {
    observer.disconnect();
    clearTimeout(timer);
    heard.remove();
  };
}
