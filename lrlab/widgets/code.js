// A program to read and to copy.
function render({ model, el }) {
  el.classList.add("lrlab-code");
  const button = el.appendChild(document.createElement("button"));
  button.className = "jupyter-button";
  button.textContent = "Copy";
  const text = el.appendChild(document.createElement("pre"));
  text.tabIndex = 0;
  text.setAttribute("role", "region");
  text.setAttribute("aria-label", "program");
  const fill = () => (text.textContent = model.get("value"));
  const select = () => getSelection().selectAllChildren(text);
  const stopCopying = copyOnClick(button, () => model.get("value"), select);
  // Otherwise JupyterLab takes keys for its own, Ctrl+C too.
  text.addEventListener("keydown", (event) => event.stopPropagation());
  model.on("change:value", fill);
  fill();
  return () => {
    stopCopying();
    model.off("change:value", fill);
  };
}

export default { render };
