// The browser's half of LiveFigure: a still picture below, and above it a canvas on which the live artists are stroked.
// Everything arrives in CSS pixels of the figure; nothing here knows of axes, scales or data.

function render({ model, el }) {
  el.classList.add("lrlab-live-figure");
  el.setAttribute("role", "img");
  const still = el.appendChild(document.createElement("canvas"));
  const live = el.appendChild(document.createElement("canvas"));
  const seen = {}; // the traits as they were last time
  let base = null; // the still picture, decoded
  let scene = []; // the live artists, unpacked
  let frame = 0; // the animation frame that was asked for, if any

  const isNew = (...names) => {
    const news = names.filter((name) => model.get(name) !== seen[name]);
    for (const name of news) seen[name] = model.get(name);
    return news.length > 0;
  };

  function changed() {
    if (isNew("alt")) el.setAttribute("aria-label", model.get("alt"));
    const newBase = isNew("_base");
    const newScene = isNew("_artists", "_points", "_pixels", "_shown");
    if (newBase) decode();
    else if (newScene && base) ask();
  }

  // A new still picture and the artists that belong to it appear together, in one frame.
  async function decode() {
    const png = model.get("_base");
    const picture = await createImageBitmap(new Blob([png], { type: "image/png" }));
    if (png !== model.get("_base")) return; // a newer one is on its way
    base = picture;
    ask();
  }

  function ask() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      const scale = fit();
      if (!scale || !base) return;
      paintStill(still, base, scale);
      scene = unpack(model);
      paintLive(live, scene, model.get("_shown") ?? Infinity, scale);
    });
  }

  // Gives both canvases one pixel for each pixel of the screen. Returns pixels per unit of the figure, 0 if hidden.
  function fit() {
    const [width, height] = model.get("_size");
    const ratio = `${width} / ${height}`;
    if (el.style.aspectRatio !== ratio) el.style.aspectRatio = ratio;
    const columns = Math.round(el.clientWidth * devicePixelRatio);
    const rows = Math.round((el.clientWidth * devicePixelRatio * height) / width);
    for (const canvas of [still, live]) {
      if (canvas.width === columns && canvas.height === rows) continue;
      canvas.width = columns;
      canvas.height = rows;
      canvas.painted = null;
    }
    return columns / width;
  }

  model.on("change", changed);
  changed();
  const stopFollowing = followPointer(model, live);
  const stopMeasuring = reportRoom(model, el, ask);
  return () => {
    model.off("change", changed);
    stopFollowing();
    stopMeasuring();
    cancelAnimationFrame(frame);
  };
}

function paintStill(canvas, picture) {
  if (canvas.painted === picture) return;
  canvas.painted = picture;
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
}

function paintLive(canvas, scene, shown, scale) {
  const context = canvas.getContext("2d");
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.setTransform(scale, 0, 0, scale, 0, 0);
  for (const artist of scene) {
    context.save();
    if (artist.clip) {
      context.beginPath();
      context.rect(...artist.clip);
      context.clip();
    }
    if (artist.kind === "image") paintImage(context, artist);
    else paintLine(context, artist, Math.min(artist.points, shown), scale);
    context.restore();
  }
}

function paintLine(context, line, count, scale) {
  if (line.width && line.color) {
    Object.assign(context, { strokeStyle: line.color, lineWidth: line.width, lineCap: line.cap, lineJoin: line.join });
    context.setLineDash(line.dashes);
    context.lineDashOffset = line.offset;
    context.stroke(trace(line.xy, count, line.step, snapping(line, scale)));
  }
  if (line.marker) paintMarkers(context, line, count);
}

// The points as a path. NaN lifts the pen.
function trace(xy, count, step, snap) {
  const path = new Path2D();
  let down = false;
  let lastX, lastY;
  for (let i = 0; i < count; i++) {
    const x = snap(xy[2 * i]);
    const y = snap(xy[2 * i + 1]);
    if (Number.isNaN(x) || Number.isNaN(y)) {
      down = false;
      continue;
    }
    if (down && step === "post") path.lineTo(x, lastY);
    if (down && step === "pre") path.lineTo(lastX, y);
    if (down) path.lineTo(x, y);
    else path.moveTo(x, y);
    down = true;
    [lastX, lastY] = [x, y];
  }
  return path;
}

// Stairs have only level and upright edges: on whole pixels they are crisp (Agg does the same).
function snapping(line, scale) {
  if (!line.step) return (value) => value;
  const shift = (Math.round(line.width * scale) % 2) / 2;
  return (value) => (Math.floor(value * scale + 0.5) + shift) / scale;
}

function paintMarkers(context, line, count) {
  const { shapes, edge, width, join, cap } = line.marker;
  const paths = shapes.map(({ d, fill }) => [new Path2D(d), fill]);
  Object.assign(context, { strokeStyle: edge, lineWidth: width, lineJoin: join, lineCap: cap });
  context.setLineDash([]);
  for (const i of marked(line.every, count)) {
    const x = line.xy[2 * i];
    const y = line.xy[2 * i + 1];
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    context.translate(x, y);
    for (const [path, fill] of paths) {
      context.fillStyle = fill;
      context.fill(path);
      if (width) context.stroke(path);
    }
    context.translate(-x, -y);
  }
}

function marked(every, count) {
  if (every === "last") return count ? [count - 1] : [];
  if (every === null) return Array.from({ length: count }, (_, i) => i);
  return every.filter((i) => i < count);
}

function paintImage(context, image) {
  const [width, height] = image.size;
  context.imageSmoothingEnabled = image.smooth;
  context.translate(...image.corner);
  context.scale(width / image.columns, height / image.rows); // negative where an axis runs backwards
  context.drawImage(image.canvas, 0, 0);
}

// Puts each artist together with its share of the buffers.
function unpack(model) {
  const points = bytes(model.get("_points"));
  const pixels = bytes(model.get("_pixels"));
  let point = 0;
  let pixel = 0;
  return model.get("_artists").map((artist) => {
    if (artist.kind === "line") {
      const xy = new Float32Array(points, point, 2 * artist.points);
      point += xy.byteLength;
      return { ...artist, xy };
    }
    const rgba = new Uint8ClampedArray(pixels, pixel, 4 * artist.rows * artist.columns);
    pixel += rgba.byteLength;
    const canvas = new OffscreenCanvas(artist.columns, artist.rows);
    canvas.getContext("2d").putImageData(new ImageData(rgba, artist.columns, artist.rows), 0, 0);
    return { ...artist, canvas };
  });
}

// A copy, since a typed array has to begin on a multiple of its own width.
const bytes = (view) => view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);

// Tells the kernel of presses, drags and releases that begin inside one of the grips (boxes that somebody listens to).
function followPointer(model, canvas) {
  let held = null;

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    const scale = model.get("_size")[0] / box.width;
    return { x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale };
  };
  const gripAt = ({ x, y }) =>
    model.get("_grips").findIndex(([left, top, width, height]) =>
      x >= left && x <= left + width && y >= top && y <= top + height);
  const tell = (kind, event) => {
    model.set("_pointer", { kind, grip: held, ...place(event) });
    model.save_changes();
  };
  const listeners = {
    pointerdown(event) {
      const grip = gripAt(place(event));
      if (grip < 0 || event.button !== 0) return;
      held = grip;
      canvas.setPointerCapture(event.pointerId);
      tell("press", event);
    },
    pointermove(event) {
      if (held !== null) tell("drag", event);
      else canvas.style.cursor = gripAt(place(event)) < 0 ? "" : "crosshair";
    },
    pointerup(event) {
      if (held === null) return;
      tell("release", event);
      held = null;
    },
    pointercancel() {
      held = null;
    },
  };
  for (const [name, listener] of Object.entries(listeners)) canvas.addEventListener(name, listener);
  return () => {
    for (const [name, listener] of Object.entries(listeners)) canvas.removeEventListener(name, listener);
  };
}

// Tells the kernel how wide the figure may be and how dense the screen is: at once the first time, then when it rests.
function reportRoom(model, el, ask) {
  let timer = 0;
  const report = () => {
    if (!el.clientWidth) return; // hidden, in a folded section or a background tab
    const room = { width: el.clientWidth, ratio: devicePixelRatio };
    const known = model.get("_room");
    if (known.width === room.width && known.ratio === room.ratio) return;
    model.set("_room", room);
    model.save_changes();
  };
  const observer = new ResizeObserver(() => {
    ask();
    clearTimeout(timer);
    timer = setTimeout(report, model.get("_room").width ? 150 : 0);
  });
  observer.observe(el);
  return () => {
    observer.disconnect();
    clearTimeout(timer);
  };
}

export default { render };
