// A button that gives the whole screen to the lab it stands in, and Escape, which gives it back.

const TITLE = { false: "The lab fills the screen, with larger letters (Escape leaves it)", true: "Back to the notebook" };

function render({ model, el }) {
  el.classList.add("lrlab-whole-screen");
  const button = el.appendChild(document.createElement("button"));
  button.type = "button";
  button.className = "lm-Widget jupyter-widgets jupyter-button widget-button";
  let lab = null;
  let stopFitting = () => {};

  const leave = () => {
    if (!model.get("on")) return;
    model.set("on", false);
    model.save_changes();
  };
  const filled = () => lab?.classList.contains("lrlab-presenting");
  const onKey = (event) => event.key === "Escape" && filled() && leave();
  const onFullscreen = () => document.fullscreenElement === null && lab?.popover !== "manual" && leave();

  // The browser's own full screen where a hand has asked for it, else all of the page: a cell may not cover it by itself.
  async function fill() {
    lab.classList.add("lrlab-presenting");
    stopFitting = fitPicture(lab, model.get("side_by_side"));
    try {
      await lab.requestFullscreen();
    } catch {
      if (!filled()) return;
      lab.popover = "manual";
      lab.showPopover();
    }
    if (!filled()) return giveBack(); // a hand was faster, and has left it meanwhile
    lab.querySelector(".lrlab-live-figure")?.focus({ preventScroll: true }); // keys play it
  }
  function empty() {
    stopFitting();
    lab.classList.remove("lrlab-presenting");
    giveBack();
    lab.removeAttribute("popover");
  }
  function giveBack() {
    if (document.fullscreenElement === lab) document.exitFullscreen();
  }
  function show() {
    const on = model.get("on");
    button.textContent = on ? "Leave" : "Present";
    button.title = TITLE[on];
    if (!lab || on === filled()) return;
    if (!on) empty();
    else if (!document.querySelector(".lrlab-presenting")) fill(); // of two views of a lab, one
  }
  button.addEventListener("click", () => {
    const on = !model.get("on");
    if (on) fill(); // here, and not in another view; at once, whatever the kernel is doing: it makes letters larger
    model.set("on", on);
    model.save_changes();
  });
  const name = () => lab?.setAttribute("aria-label", model.get("lab"));
  model.on("change:on", show);
  model.on("change:lab", name);
  show();
  const stopWaiting = whenAttached(el, () => {
    lab = el.closest(".lrlab-lab");
    if (!lab) return () => {};
    const undo = [nameParts(lab), sayAtRest(lab, el), keepKeys(lab)];
    name();
    window.addEventListener("keydown", onKey, true); // menus and fields keep their keys to themselves
    document.addEventListener("fullscreenchange", onFullscreen);
    show();
    return () => {
      if (filled()) empty();
      window.removeEventListener("keydown", onKey, true);
      document.removeEventListener("fullscreenchange", onFullscreen);
      for (const stop of undo) stop();
    };
  });
  return () => {
    model.off("change:on", show);
    model.off("change:lab", name);
    stopWaiting();
  };
}

// Makes the picture as wide as leaves room for the rest on the screen, but not too small: then the rest is scrolled to.
const SMALLEST = 0.55; // of the screen's width

function fitPicture(lab, sideBySide) {
  const picture = lab.querySelector(".lrlab-picture") ?? lab.querySelector(".lrlab-live-figure");
  const figure = lab.querySelector(".lrlab-live-figure");
  const fit = () => {
    const [width, height] = figure.style.aspectRatio.split("/").map(Number);
    if (!height) return;
    const parts = [...lab.children].filter((part) => part !== picture && part.getClientRects().length);
    const boxes = parts.map((part) => part.getBoundingClientRect());
    const here = picture.getBoundingClientRect();
    const above = here.top - lab.getBoundingClientRect().top + lab.scrollTop;
    const under = boxes.filter(({ top }) => top >= here.bottom - 1); // and not beside it
    const below = Math.max(0, ...under.map(({ bottom }) => bottom - here.bottom));
    const room = lab.clientHeight - above - below - 10;
    const least = Math.max(SMALLEST * lab.clientWidth, sideBySide);
    const wide = Math.min(Math.max((room * width) / height, least), lab.clientWidth);
    const now = Number.parseFloat(picture.style.maxWidth) || 0;
    if (Math.abs(wide - now) > 4) picture.style.maxWidth = `${Math.round(wide)}px`;
  };
  const observer = new ResizeObserver(() => requestAnimationFrame(fit));
  for (const part of [lab, figure, ...lab.children]) observer.observe(part);
  return () => {
    observer.disconnect();
    picture.style.maxWidth = "";
  };
}

export default { initialize: ({ model }) => letGo(model), render };
