// A line of text that screen readers say when it changes, once they have nothing else to say.
function render({ model, el }) {
  el.classList.add("lrlab-spoken");
  el.setAttribute("role", "status");
  el.setAttribute("aria-live", "polite");
  const show = () => { el.textContent = model.get("text"); };
  model.on("change:text", show);
  show();
  return () => model.off("change:text", show);
}

export default { render };
