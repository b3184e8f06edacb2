// Keys pressed in a lab are the lab's. Notebook 7 looks for its commands before a slider or a button hears of a key: an
// arrow would go to another heading. It passes over an element that says so. Shift+Enter still runs the cell.
function keepKeys(lab) {
  const onKey = ({ target, key, shiftKey, ctrlKey, altKey, metaKey }) => {
    if (!lab.contains(target) || ctrlKey || altKey || metaKey || (shiftKey && key === "Enter")) return;
    target.setAttribute("data-lm-suppress-shortcuts", "true");
    setTimeout(() => target.removeAttribute("data-lm-suppress-shortcuts"));
  };
  window.addEventListener("keydown", onKey, true);
  return () => window.removeEventListener("keydown", onKey, true);
}
