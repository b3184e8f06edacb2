// A button that asks the kernel for a file and hands it to the browser's own downloads.
function render({ model, el }) {
  const button = el.appendChild(document.createElement("button"));
  button.className = "jupyter-button";
  const said = el.appendChild(document.createElement("span"));
  said.setAttribute("role", "status");
  let asked = false; // another view of the lab may have, and then the file is not for this one
  const show = () => {
    button.textContent = "Download";
    button.title = `Bring ${model.get("name")} to this computer`;
    button.style.display = model.get("name") ? "" : "none";
    said.textContent = "";
  };
  const take = (content, [bytes] = []) => {
    if (!asked) return;
    asked = false;
    said.textContent = content.error ?? "";
    if (!content.error) save(content.name, bytes);
  };
  button.addEventListener("click", () => {
    asked = true;
    said.textContent = "";
    model.send("file");
  });
  model.on("change:name", show);
  model.on("msg:custom", take);
  show();
  return () => {
    model.off("change:name", show);
    model.off("msg:custom", take);
  };
}

function save(name, bytes) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes]));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export default { render };
