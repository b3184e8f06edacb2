// Calls `changed` when the screen's density changes: the page is zoomed, or its window dragged to another screen. Returns
// what ends that.
function followDensity(changed) {
  const gone = new AbortController();
  const follow = () => {
    const same = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    same.addEventListener("change", () => (changed(), follow()), { once: true, signal: gone.signal });
  };
  follow();
  return () => gone.abort();
}
