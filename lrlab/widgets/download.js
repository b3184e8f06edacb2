// A button that asks the kernel for a file and hands it to the browser's own downloads.
function render({ model, el }) {
  const button = el.appendChild(document.createElement("button"));
  button.className = "jupyter-button";
  const show = () => {
    button.textContent = "Download";
    button.title = `Bring ${model.get("name")} to this computer`;
    button.style.display = model.get("name") ? "" : "none";
  };
  const take = (content, [bytes] = []) => {
    if (content.error) {
      button.textContent = content.error;
      return;
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes]));
    link.download = content.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
  button.addEventListener("click", () => model.send("file"));
  model.on("change:name", show);
  model.on("msg:custom", take);
  show();
  return () => {
    model.off("change:name", show);
    model.off("msg:custom", take);
  };
}

export default { render };
