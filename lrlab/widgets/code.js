// A program to read and to copy.
function render({ model, el }) {
  el.classList.add("lrlab-code");
  const button = el.appendChild(document.createElement("button"));
  button.className = "jupyter-button";
  button.textContent = "Copy";
  const text = el.appendChild(document.createElement("pre"));
  text.tabIndex = 0;
  const fill = () => (text.textContent = model.get("value"));
  const say = (words) => {
    button.textContent = words;
    setTimeout(() => (button.textContent = "Copy"), 2000);
  };
  const select = () => {
    const range = document.createRange();
    range.selectNodeContents(text);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  };
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(model.get("value"));
      say("Copied");
    } catch {
      // No right to the clipboard, as on a page without https: then it is one key away.
      select();
      say("Selected: press Ctrl+C");
    }
  });
  // Otherwise JupyterLab takes keys for its own, Ctrl+C too.
  text.addEventListener("keydown", (event) => event.stopPropagation());
  model.on("change:value", fill);
  fill();
  return () => model.off("change:value", fill);
}

export default { render };
