// A line of text that screen readers say when it changes, once they have nothing else to say.
function render({ model, el }) {
  el.classList.add("lrlab-spoken");
  el.setAttribute("role", "status");
  el.setAttribute("aria-live", "polite");
  let kind = "";
  const show = () => {
    el.textContent = model.get("text");
    if (kind) el.classList.remove(kind);
    kind = model.get("kind") && `lrlab-${model.get("kind")}`;
    if (kind) el.classList.add(kind);
  };
  model.on("change:text change:kind", show);
  show();
  return () => model.off("change:text change:kind", show);
}

export default { render };
