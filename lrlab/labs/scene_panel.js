// A lab's state as lines to copy, and a field that takes one back.

function render({ model, el }) {
  el.classList.add("lrlab-scene-panel");
  const line = (trait, name, words) => {
    const row = el.appendChild(document.createElement("div"));
    const text = row.appendChild(document.createElement("input"));
    text.readOnly = true;
    text.setAttribute("aria-label", name);
    text.addEventListener("focus", () => text.select());
    const stopCopying = copyOnClick(addButton(row, words), () => text.value, () => text.select());
    const show = () => (text.value = model.get(trait));
    model.on(`change:${trait}`, show);
    show();
    return () => {
      stopCopying();
      model.off(`change:${trait}`, show);
    };
  };
  const lines = [
    line("python", "scene as Python", "Copy scene for Python"),
    line("text", "scene as text", "Copy scene for a chat"),
  ];

  const row = el.appendChild(document.createElement("div"));
  const field = row.appendChild(document.createElement("input"));
  field.placeholder = "Paste a scene here";
  field.setAttribute("aria-label", "scene to open");
  const open = () => field.value.trim() && model.send({ open: field.value });
  field.addEventListener("keydown", (event) => event.key === "Enter" && open());
  addButton(row, "Open scene").addEventListener("click", open);
  const said = el.appendChild(document.createElement("p"));
  said.setAttribute("role", "status");
  const tell = () => {
    said.textContent = model.get("said");
    said.classList.toggle("lrlab-wrong", model.get("wrong"));
  };
  model.on("change:said change:wrong", tell);
  tell();
  // Keys on these fields are theirs, and not JupyterLab's.
  el.addEventListener("keydown", (event) => event.stopPropagation());
  return () => {
    for (const close of lines) close();
    model.off("change:said change:wrong", tell);
  };
}

function addButton(row, words) {
  const button = row.appendChild(document.createElement("button"));
  button.type = "button";
  button.className = "lm-Widget jupyter-widgets jupyter-button widget-button";
  button.textContent = words;
  return button;
}

export default { render };
