// Light or dark, as the page is. In the dark each colour is turned over: as light as it was dark, with the same hue. So
// one picture serves for both, and two colours that can be told apart in one can be told apart in the other.

const NIGHT = 17; // of 255: what white becomes, as JupyterLab's dark pages

// Red, green and blue, 0 to 255. Adding the same to all three keeps the hue and how strong it is.
function turnedOver(red, green, blue) {
  const more = 255 - Math.max(red, green, blue) - Math.min(red, green, blue);
  return [red, green, blue].map((part) => NIGHT + ((part + more) * (255 - NIGHT)) / 255);
}

// The same for a colour as CSS writes it: "rgb(…)", "rgba(…)" or "#rrggbb", with its opacity.
function turnedOverCss(color) {
  if (!color) return color;
  const hex = /^#(..)(..)(..)$/.exec(color);
  const parts = hex ? hex.slice(1).map((pair) => parseInt(pair, 16)) : (color.match(/[\d.]+/g) ?? []).map(Number);
  if (parts.length < 3) return color; // "none"
  const [red, green, blue] = turnedOver(...parts.slice(0, 3)).map(Math.round);
  return `rgba(${red}, ${green}, ${blue}, ${parts[3] ?? 1})`;
}

// The same for all pixels of a picture, as a canvas of its size.
function turnedOverPicture(picture) {
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  const { data } = pixels;
  for (let i = 0; i < data.length; i += 4) {
    const [red, green, blue] = [data[i], data[i + 1], data[i + 2]];
    const more = 255 - Math.max(red, green, blue) - Math.min(red, green, blue);
    data[i] = NIGHT + ((red + more) * (255 - NIGHT)) / 255;
    data[i + 1] = NIGHT + ((green + more) * (255 - NIGHT)) / 255;
    data[i + 2] = NIGHT + ((blue + more) * (255 - NIGHT)) / 255;
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}

// Red, green, blue and opacity, 0 to 255, of any colour that CSS can write: oklch(…) and color(…) too. It is painted.
const brush = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
function painted(color) {
  brush.clearRect(0, 0, 1, 1);
  brush.fillStyle = "#0000"; // stays if the next is no colour
  brush.fillStyle = color;
  brush.fillRect(0, 0, 1, 1);
  return brush.getImageData(0, 0, 1, 1).data;
}

// Whether the page behind an element is dark, whatever program shows it.
function isDark(el) {
  for (let place = el; place; place = place.parentElement) {
    const [red, green, blue, opacity] = painted(getComputedStyle(place).backgroundColor);
    if (opacity > 127) return 0.3 * red + 0.6 * green + 0.1 * blue < 128;
  }
  return false;
}

// Calls `changed(dark)` whenever that changes, and at first if it is dark. Returns what ends it.
function followTheme(el, changed) {
  let dark = false;
  const look = () => {
    if (!el.isConnected || isDark(el) === dark) return;
    dark = !dark;
    el.classList.toggle("lrlab-dark", dark);
    changed(dark);
  };
  // The page says that its theme changes before the colours are there: a style sheet has to be loaded first.
  let timers = [];
  const lookAgain = () => {
    timers.forEach(clearTimeout);
    timers = [0, 200, 600, 1500, 4000].map((wait) => setTimeout(look, wait));
  };
  const observer = new MutationObserver(lookAgain);
  for (const place of [document.documentElement, document.body]) {
    observer.observe(place, { attributes: true, attributeFilter: ["class", "style", "data-jp-theme-name", "data-theme"] });
  }
  const atHome = new ResizeObserver(look); // a widget is made before it has a place in the page
  atHome.observe(el);
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", lookAgain);
  return () => {
    timers.forEach(clearTimeout);
    observer.disconnect();
    atHome.disconnect();
    system.removeEventListener("change", lookAgain);
  };
}
