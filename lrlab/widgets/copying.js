// Copies text to the clipboard, and says on the button that asked for it what came of that.
const SAID_FOR = 2000; // milliseconds

// ``select`` marks the text in the page. Browsers give the clipboard to pages that are served safely, as localhost is;
// elsewhere the old way may do, and else it is one key away.
function copyOnClick(button, text, select) {
  const words = button.textContent;
  let timer = 0;
  button.setAttribute("aria-live", "polite");
  const say = (said) => {
    button.textContent = said;
    clearTimeout(timer);
    timer = setTimeout(() => (button.textContent = words), SAID_FOR);
  };
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text());
      say("Copied");
    } catch {
      select();
      const key = navigator.platform.startsWith("Mac") ? "⌘C" : "Ctrl+C";
      say(document.execCommand("copy") ? "Copied" : `Selected: press ${key}`);
    }
  });
  return () => clearTimeout(timer);
}
