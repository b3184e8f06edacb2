// A table whose rows can be looked at. The row under the mouse counts, else the one that was clicked or gone to by keys.
// For keys it is one stop: arrows go from row to row.
function render({ model, el }) {
  el.classList.add("lrlab-job-table");
  const table = el.appendChild(document.createElement("table"));
  table.setAttribute("role", "grid"); // in a plain table no row can be said to be selected
  const head = table.createTHead().insertRow();
  const body = table.createTBody();
  const empty = el.appendChild(document.createElement("p"));
  let under = -1, clicked = -1, looking = false;

  const look = () => {
    const row = under >= 0 ? under : clicked;
    if (row === model.get("looked")) return;
    looking = true;
    model.set("looked", row);
    looking = false;
    model.save_changes();
  };
  const click = (row) => {
    clicked = row;
    look();
  };
  const mark = () => {
    const looked = model.get("looked");
    if (looked < 0 && !looking) under = clicked = -1; // the kernel says so: the rows are others
    const stop = body.rows[looked] ?? body.rows[body.rows.length - 1];
    [...body.rows].forEach((row, i) => {
      row.tabIndex = row === stop ? 0 : -1;
      row.setAttribute("aria-selected", i === looked);
      row.classList.toggle("lrlab-shown", i === model.get("shown"));
    });
  };
  const cell = (row, name, text, title = "") => {
    const made = row.appendChild(document.createElement(name));
    made.textContent = text;
    if (title) made.title = title;
    return made;
  };

  const fillHead = () => {
    table.setAttribute("aria-label", model.get("name"));
    head.replaceChildren();
    for (const [word, meaning] of model.get("heads")) cell(head, "th", word, meaning).scope = "col";
  };
  const fill = () => {
    const rows = model.get("rows");
    const focused = [...body.rows].indexOf(document.activeElement);
    body.replaceChildren(...rows.map(({ kind, cells, best }, i) => {
      const row = document.createElement("tr");
      row.className = best ? "lrlab-best" : "";
      cells.forEach((text, n) => {
        const made = cell(row, n ? "td" : "th", text, text); // narrow columns cut long words off
        made.dataset.head = model.get("heads")[n]?.[0] ?? "";
        if (!n) {
          made.scope = "row";
          made.className = `lrlab-${kind}`;
        }
      });
      row.addEventListener("mouseenter", () => ((under = i), look()));
      row.addEventListener("mouseleave", () => ((under = -1), look()));
      row.addEventListener("click", () => click(clicked === i ? -1 : i));
      return row;
    }));
    empty.textContent = rows.length ? "" : model.get("empty");
    if (focused >= 0) body.rows[focused]?.focus();
    else el.scrollTop = el.scrollHeight;
    mark();
  };
  el.addEventListener("keydown", (event) => {
    if (event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return; // Shift+Enter runs the cell
    const here = [...body.rows].indexOf(document.activeElement);
    const to = { ArrowUp: here - 1, ArrowDown: here + 1, Home: 0, End: body.rows.length - 1 }[event.key];
    event.stopPropagation(); // otherwise JupyterLab takes keys for its own: arrows go to another cell, "x" deletes one
    if (event.key === "Escape") click(-1);
    else if (event.key === "Enter" || event.key === " ") click(here);
    else if (here >= 0 && to !== undefined && body.rows[to]) {
      body.rows[to].focus();
      click(to);
    } else return;
    event.preventDefault();
  });
  model.on("change:heads change:name", fillHead);
  model.on("change:rows change:empty", fill);
  model.on("change:looked change:shown", mark);
  fillHead();
  fill();
  return () => {
    model.off("change:heads change:name", fillHead);
    model.off("change:rows change:empty", fill);
    model.off("change:looked change:shown", mark);
  };
}

export default { render };
