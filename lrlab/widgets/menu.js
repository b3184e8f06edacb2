// A drop-down whose choices stand in groups. It wears the classes of Jupyter's own, and so looks like it.
function render({ model, el }) {
  el.classList.add("widget-inline-hbox", "widget-dropdown");
  const label = el.appendChild(document.createElement("label"));
  label.className = "widget-label";
  const select = el.appendChild(document.createElement("select"));
  // Browsers have crypto.randomUUID on safe pages only, and a class's own server may be served by plain http.
  label.htmlFor = select.id = `lrlab-menu-${Math.random().toString(36).slice(2)}`;

  const fill = () => {
    label.textContent = model.get("description");
    label.title = select.title = model.get("tooltip");
    select.replaceChildren(...model.get("groups").flatMap(([name, choices]) => {
      const options = choices.map(([words, value]) => new Option(words, value));
      if (!name) return options; // choices that belong to no group
      const group = document.createElement("optgroup");
      group.label = name;
      group.append(...options);
      return [group];
    }));
    choose();
  };
  const choose = () => (select.value = model.get("value"));
  select.addEventListener("change", () => {
    model.set("value", select.value);
    model.save_changes();
  });
  // Otherwise JupyterLab takes keys for its own: arrows go to another cell, "x" deletes one.
  select.addEventListener("keydown", (event) => event.stopPropagation());
  model.on("change:groups change:description change:tooltip", fill);
  model.on("change:value", choose);
  fill();
  return () => {
    model.off("change:groups change:description change:tooltip", fill);
    model.off("change:value", choose);
  };
}

export default { render };
