// A button that gives the whole screen to the lab it stands in, and Escape, which gives it back.

const TITLE = { false: "The lab fills the screen, with larger letters (Escape leaves it)", true: "Back to the notebook" };

function render({ model, el }) {
  el.classList.add("lrlab-whole-screen");
  const button = el.appendChild(document.createElement("button"));
  button.type = "button";
  button.className = "lm-Widget jupyter-widgets jupyter-button widget-button";
  let lab = null;

  const leave = () => {
    if (!model.get("on")) return;
    model.set("on", false);
    model.save_changes();
  };
  const onKey = (event) => event.key === "Escape" && leave();
  const onFullscreen = () => document.fullscreenElement === null && lab?.popover !== "manual" && leave();

  // The browser's own full screen where a hand has asked for it, else all of the page: a cell may not cover it by itself.
  async function fill() {
    lab.classList.add("lrlab-presenting");
    try {
      await lab.requestFullscreen();
    } catch {
      lab.popover = "manual";
      lab.showPopover();
    }
    lab.querySelector(".lrlab-live-figure")?.focus({ preventScroll: true }); // keys play it
  }
  function empty() {
    lab.classList.remove("lrlab-presenting");
    if (document.fullscreenElement === lab) document.exitFullscreen();
    lab.removeAttribute("popover");
  }
  function show() {
    const on = model.get("on");
    button.textContent = on ? "Leave" : "Present";
    button.title = TITLE[on];
    button.setAttribute("aria-pressed", on);
    if (lab && on !== lab.classList.contains("lrlab-presenting")) on ? fill() : empty();
  }
  button.addEventListener("click", () => {
    model.set("on", !model.get("on")); // at once, whatever the kernel is doing: it only makes letters larger
    model.save_changes();
  });
  model.on("change:on", show);
  show();
  const stopWaiting = whenAttached(el, () => {
    lab = el.closest(".lrlab-lab");
    if (!lab) return () => {};
    const [stopNaming, giveKeysBack] = [nameParts(lab), keepKeys(lab)];
    lab.addEventListener("keydown", onKey);
    document.addEventListener("fullscreenchange", onFullscreen);
    show();
    return () => {
      if (lab.classList.contains("lrlab-presenting")) empty();
      lab.removeEventListener("keydown", onKey);
      document.removeEventListener("fullscreenchange", onFullscreen);
      stopNaming();
      giveKeysBack();
    };
  });
  return () => {
    model.off("change:on", show);
    stopWaiting();
  };
}

export default { render };
