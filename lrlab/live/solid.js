// The browser's half of Solid: turns the surface, lays the paths on it, writes on the axes. raster.js stands above it.

const FIRST = { azimuth: -0.6, elevation: 0.8 };
const LOWEST = (5 * Math.PI) / 180;
const FLOOR = -0.1; // a little below the lowest place
const LIFT = 0.012; // of paths above the surface
const SLACK = 0.035; // how much deeper than the surface a place may be and still be seen
const BEHIND = 0.28; // how strong paths are where the surface hides them
const NOT_YET = 0.22; // and where they have not been revealed, as LiveFigure has it
const MOVING = 400_000; // pixels of the surface while it turns
const AT_REST = 1_700_000; // and when it does not
const SCRATCH = new OffscreenCanvas(1, 1);
const CORNERS = [[-1, -1], [1, -1], [1, 1], [-1, 1]];
const INK = [34, 37, 43];
const QUIET = [93, 100, 112];
const FAINT = [208, 212, 218];
const PAPER = [255, 255, 255];

// Every colour passes here: on a dark page it is turned over, see theme.js.
let night = false; // whether the page is, behind the view that is painted just now
const themed = (color) => (night ? turnedOver(...color) : color);
const css = (color, alpha = 1) => `rgb(${themed(color).join(" ")} / ${alpha})`;

async function render({ model, el }) {
  el.classList.add("lrlab-solid");
  el.setAttribute("role", "img");
  el.tabIndex = 0;
  const canvas = el.appendChild(document.createElement("canvas"));
  const figure = await model.widget_manager.get_model(model.get("figure").replace("IPY_MODEL_", ""));
  const view = { ...FIRST };
  const sheets = [new OffscreenCanvas(1, 1), new OffscreenCanvas(1, 1)];
  let mesh = null;
  let paths = [];
  let picture = null; // the surface as it was last painted, and for what
  let now = null; // how it was last seen
  let moving = false;
  let dark = false;
  let [frame, timer] = [0, 0];

  const isNew = newsOf(model);

  function changed() {
    if (isNew("alt")) el.setAttribute("aria-label", model.get("alt"));
    const other = isNew("_box", "_heights", "_rings");
    if (other) {
      const { shape } = model.get("_box");
      mesh = shape ? meshOf(floats(model.get("_heights")), floats(model.get("_rings")), shape) : null;
      if (picture) picture.mesh = null;
    }
    if (mesh && (isNew("_points", "_strokes") || other)) paths = laid(model, mesh);
    ask();
  }

  function ask() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      const [width, height] = [el.clientWidth, el.clientHeight];
      if (!mesh || !width || !height) return;
      night = dark;
      const box = model.get("_box");
      const em = model.get("letters") * width;
      el.style.fontSize = `${em}px`;
      const camera = cameraFor(view, width, height, em);
      const dense = devicePixelRatio;
      fit(canvas, Math.round(width * dense), Math.round(height * dense));
      const context = canvas.getContext("2d");
      context.setTransform(dense, 0, 0, dense, 0, 0);
      context.clearRect(0, 0, width, height);
      context.fillStyle = css(PAPER);
      context.fillRect(0, 0, width, height);

      const limit = Math.sqrt((moving ? MOVING : AT_REST) / (width * height));
      const ratio = Math.min(limit, moving ? dense : 2 * Math.ceil(dense));
      const wanted = [view.azimuth, view.elevation, width, height, em, ratio, dark].join();
      if (picture?.wanted !== wanted || !picture.mesh) {
        picture = { ...surface(width, height, em, ratio), wanted, mesh };
        [picture.top, picture.under].forEach((layer, i) => copy(sheets[i], layer, picture, canvas));
      }
      now = { camera, ratio, em };
      const hides = ([x, y, near]) => {
        const [column, row] = [Math.floor(x * ratio), Math.floor(y * ratio)];
        if (column < 0 || row < 0 || column >= picture.width || row >= picture.height) return false;
        return near + SLACK < picture.top.near[row * picture.width + column];
      };

      paintBox(context, camera, box, em);
      context.drawImage(sheets[0], 0, 0, width, height);
      paintRim(context, camera, mesh, hides);
      const shown = figure.get("_shown") ?? Infinity;
      const faint = figure.get("_faint") && Number.isFinite(shown);
      const pen = { context, camera, em, hides };
      for (const mark of box.marks) paintCross(pen, placed(mark), box.marks.length);
      if (faint) for (const path of paths) paintPath(pen, path, Infinity, NOT_YET);
      for (const path of paths) paintPath(pen, path, shown, 1);
      context.globalAlpha = 0.5;
      context.drawImage(sheets[1], 0, 0, width, height);
      context.globalAlpha = 1;
      paintHeads(pen, paths, shown);
      paintAxes(context, camera, box, em, [width / 2, height / 2]);
    });
  }

  function surface(width, height, em, ratio) {
    const camera = cameraFor(view, width, height, em, ratio);
    const box = model.get("_box");
    const look = {
      bands: box.bands.map(themed),
      line: { color: themed(box.line), alpha: 0.75 },
      stroke: Math.max(1, 0.055 * em * ratio),
    };
    return rasterise(mesh, look, camera, Math.round(width * ratio), Math.round(height * ratio), picture);
  }

  // Turned, it is painted coarsely; come to rest, finely.
  function turn(azimuth, elevation) {
    const tau = 2 * Math.PI;
    view.azimuth = ((azimuth % tau) + tau) % tau;
    view.elevation = Math.min(Math.max(elevation, LOWEST), Math.PI / 2);
    moving = true;
    clearTimeout(timer);
    timer = setTimeout(() => ((moving = false), ask()), 150);
    ask();
  }

  // The paths' start, which can be dragged over the surface: the kernel is told where to.
  const start = {
    isAt(x, y, finger) {
      const point = paths[0]?.points[0];
      if (!point || !now || !isIn(point)) return false;
      const [column, row] = now.camera.project(...held(point));
      return Math.hypot(column - x, row - y) < (finger ? 1.6 : 0.8) * now.em;
    },
    moveTo(x, y) {
      const { camera, ratio } = now;
      const [column, row] = [Math.floor(x * ratio), Math.floor(y * ratio)];
      const on = column >= 0 && row >= 0 && column < picture.width && row < picture.height;
      const near = on ? picture.top.near[row * picture.width + column] : NOTHING;
      const place = camera.place(x, y, near > NOTHING ? near : null, held(paths[0].points[0])[2]);
      model.set("_picked", place.map((value) => (value + 1) / 2));
      model.save_changes();
    },
  };

  model.on("change", changed);
  figure.on("change:_shown change:_faint", ask);
  const observer = new ResizeObserver(ask);
  observer.observe(el);
  changed();
  const stopFollowing = [followTheme(el, (isDark) => ((dark = isDark), ask())), followDensity(ask)];
  followHand(el, canvas, view, turn, start);
  return () => {
    model.off("change", changed);
    figure.off("change:_shown change:_faint", ask);
    observer.disconnect();
    for (const stop of stopFollowing) stop();
    clearTimeout(timer);
    cancelAnimationFrame(frame);
  };
}

function followHand(el, canvas, view, turn, start) {
  const home = () => turn(FIRST.azimuth, FIRST.elevation);
  let last = null; // where the hand was
  let carries = false; // whether it holds the start, and not the surface
  const letGo = () => (last = null);
  const here = (event) => [event.offsetX, event.offsetY];
  const listeners = {
    pointerdown(event) {
      if (event.button !== 0 || last) return;
      last = [event.clientX, event.clientY];
      carries = start.isAt(...here(event), event.pointerType === "touch");
      canvas.setPointerCapture(event.pointerId);
    },
    pointermove(event) {
      if (!last) canvas.style.cursor = start.isAt(...here(event)) ? "crosshair" : "";
      if (!last) return;
      if (carries) return start.moveTo(...here(event));
      const perPixel = Math.PI / Math.max(el.clientWidth, 240);
      const [dx, dy] = [event.clientX - last[0], event.clientY - last[1]];
      last = [event.clientX, event.clientY];
      turn(view.azimuth - dx * perPixel, view.elevation + dy * perPixel);
    },
    pointerup: letGo,
    pointercancel: letGo,
    dblclick: home,
  };
  for (const [name, listener] of Object.entries(listeners)) canvas.addEventListener(name, listener);
  const keys = {
    ArrowLeft: (angle) => turn(view.azimuth + angle, view.elevation),
    ArrowRight: (angle) => turn(view.azimuth - angle, view.elevation),
    ArrowUp: (angle) => turn(view.azimuth, view.elevation - angle),
    ArrowDown: (angle) => turn(view.azimuth, view.elevation + angle),
    Home: home,
  };
  el.addEventListener("keydown", (event) => {
    if (!keys[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault(); // the page would scroll
    event.stopPropagation(); // JupyterLab would go to another cell
    keys[event.key](((event.shiftKey ? 15 : 5) * Math.PI) / 180);
  });
}

// The box as large as it can be with letters around it. However it is turned, it keeps its size.
function cameraFor({ azimuth, elevation }, width, height, em, ratio = 1) {
  const [ce, se] = [Math.cos(elevation), Math.sin(elevation)];
  const [above, below] = [0.6 * em, 2.7 * em];
  const tall = 2 * Math.SQRT2 * se + (HIGH - FLOOR) * ce;
  const scale = Math.max(Math.min((width / 2 - 2.9 * em) / Math.SQRT2, (height - above - below) / tall), 1);
  const middle = (above + height - below) / 2 + (scale * ce * (HIGH + FLOOR)) / 2;
  return cameraAt(azimuth, elevation, scale * ratio, (width / 2) * ratio, middle * ratio);
}

function fit(canvas, width, height) {
  if (canvas.width === width && canvas.height === height) return;
  [canvas.width, canvas.height] = [width, height];
}

// A layer on a sheet as large as the canvas: frames that turn nothing only copy it.
function copy(sheet, { pixels }, { width, height }, canvas) {
  fit(SCRATCH, width, height);
  SCRATCH.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), width, height), 0, 0);
  fit(sheet, canvas.width, canvas.height);
  const context = sheet.getContext("2d");
  context.clearRect(0, 0, sheet.width, sheet.height);
  context.drawImage(SCRATCH, 0, 0, sheet.width, sheet.height);
}

const floats = ({ buffer, byteOffset, byteLength }) => new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
const placed = ([x, y, height]) => [2 * x - 1, 2 * y - 1, HIGH * height + LIFT];

export default { render };
