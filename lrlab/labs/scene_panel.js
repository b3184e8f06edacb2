// A lab's state as lines to copy, and a field that takes one back.

function render({ model, el }) {
  el.classList.add("lrlab-scene-panel");
  const line = (trait, name, words) => {
    const row = el.appendChild(document.createElement("div"));
    const text = row.appendChild(document.createElement("input"));
    text.readOnly = true;
    text.setAttribute("aria-label", name);
    text.addEventListener("focus", () => text.select());
    const button = addButton(row, words, async () => {
      await copy(text);
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = words), 1500);
    });
    const show = () => (text.value = model.get(trait));
    model.on(`change:${trait}`, show);
    show();
    return [`change:${trait}`, show];
  };
  const listeners = [
    line("python", "scene as Python", "Copy scene for Python"),
    line("text", "scene as text", "Copy scene for a chat"),
  ];

  const row = el.appendChild(document.createElement("div"));
  const field = row.appendChild(document.createElement("input"));
  field.placeholder = "Paste a scene here";
  field.setAttribute("aria-label", "scene to open");
  const open = () => field.value.trim() && model.send({ open: field.value });
  field.addEventListener("keydown", (event) => event.key === "Enter" && open());
  addButton(row, "Open scene", open);
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
    for (const [event, show] of listeners) model.off(event, show);
    model.off("change:said change:wrong", tell);
  };
}

function addButton(row, words, action) {
  const button = row.appendChild(document.createElement("button"));
  button.type = "button";
  button.className = "lm-Widget jupyter-widgets jupyter-button widget-button";
  button.textContent = words;
  button.addEventListener("click", action);
  return button;
}

// The clipboard is there for pages that are served safely, as localhost is; elsewhere the old way may do.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text.value);
  } catch {
    text.select();
    document.execCommand("copy");
  }
}

export default { render };
