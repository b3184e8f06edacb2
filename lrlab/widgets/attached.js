// A widget is rendered before it has a place in the page. Calls `action` once it has; returns what undoes that.
function whenAttached(el, action) {
  let undo = () => {};
  const observer = new ResizeObserver(() => {
    if (!el.isConnected) return;
    observer.disconnect();
    undo = action();
  });
  observer.observe(el);
  return () => {
    observer.disconnect();
    undo();
  };
}
