// The browser's half of LiveFigure: a still picture below, and above it a canvas on which the live artists are stroked.
// Everything arrives in CSS pixels of the figure; nothing here knows of axes, scales or data.

function render({ model, el }) {
  el.classList.add("lrlab-live-figure");
  el.setAttribute("role", "img");
  el.tabIndex = 0; // whoever plays it listens to keys
  const still = el.appendChild(document.createElement("canvas"));
  const live = el.appendChild(document.createElement("canvas"));
  let base = null; // the still picture, decoded
  let decoding = false;
  let scene = []; // the live artists, unpacked
  const rest = document.createElement("canvas"); // all of the lines, for those that are not revealed yet
  let frame = 0; // the animation frame that was asked for, if any
  let dark = false;

  const isNew = newsOf(model);

  function changed() {
    if (isNew("alt")) el.setAttribute("aria-label", model.get("alt"));
    const newScene = isNew("_artists", "_points", "_pixels");
    if (newScene) scene = unpack(model, dark);
    if (isNew("_base")) decode();
    else if (isNew("_shown", "_faint") || newScene) ask();
  }

  // A new still picture and the artists that belong to it appear together, in one frame.
  async function decode() {
    decoding = true;
    const png = model.get("_base");
    const picture = await createImageBitmap(new Blob([png], { type: "image/png" }));
    if (png !== model.get("_base")) return picture.close(); // a newer one is on its way
    base?.close?.(); // several megabytes, which nobody else would free soon
    base = dark ? turnedOverPicture(picture) : picture;
    if (dark) picture.close();
    decoding = false;
    ask();
  }

  function changeTheme(isDark) {
    dark = isDark;
    scene = unpack(model, dark);
    decode();
  }

  function ask() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      if (decoding || !el.clientWidth) return; // there is nothing to paint yet, or nothing to paint on
      const scale = fit();
      paintStill(still, base);
      const shown = model.get("_shown") ?? Infinity;
      const faint = model.get("_faint") && Number.isFinite(shown);
      if (faint) paintRest(rest, live, scene, scale);
      paintLive(live, scene, shown, scale, faint && rest);
    });
  }

  // Gives both canvases one pixel for each pixel of the screen. Returns pixels of the screen per unit of the figure.
  function fit() {
    const [width, height] = model.get("_size");
    el.style.aspectRatio = `${width} / ${height}`;
    const columns = Math.floor(el.clientWidth * devicePixelRatio + 1e-6);
    const rows = Math.round((columns * height) / width);
    for (const canvas of [still, live]) {
      canvas.style.width = `${columns / devicePixelRatio}px`;
      canvas.style.height = `${rows / devicePixelRatio}px`;
      if (canvas.width === columns && canvas.height === rows) continue;
      canvas.width = columns;
      canvas.height = rows;
      canvas.painted = null;
    }
    return columns / width;
  }

  model.on("change", changed);
  changed();
  followPointer(model, live);
  const stopMeasuring = reportRoom(model, el, ask);
  const stopFollowing = followTheme(el, changeTheme);
  return () => {
    model.off("change", changed);
    stopMeasuring();
    stopFollowing();
    cancelAnimationFrame(frame);
    base?.close?.();
  };
}

function paintStill(canvas, picture) {
  if (canvas.painted === picture) return;
  canvas.painted = picture;
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
}

// From here on, lengths are in pixels of the screen: `scale` of them make one CSS pixel of the figure. What is rounded,
// and how, is as in Agg, matplotlib's own renderer.

function paintLive(canvas, scene, shown, scale, rest) {
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  const isImage = (artist) => artist.kind === "image";
  const images = rest ? scene.filter(isImage) : [];
  for (const artist of images) paintArtist(context, artist, scale, shown);
  if (rest) {
    context.globalAlpha = FAINT;
    context.drawImage(rest, 0, 0);
    context.globalAlpha = 1;
  }
  const others = rest ? scene.filter((artist) => !isImage(artist)) : scene;
  for (const artist of others) paintArtist(context, artist, scale, artist.whole ? Infinity : shown);
}

const FAINT = 0.22;

// All that will be revealed, painted once for a scene: frames that reveal it only copy it.
function paintRest(rest, { width, height }, scene, scale) {
  if (rest.painted === scene && rest.width === width && rest.height === height) return;
  [rest.width, rest.height, rest.painted] = [width, height, scene];
  const context = rest.getContext("2d");
  for (const artist of scene) {
    if (artist.kind === "line" && !artist.whole) paintArtist(context, artist, scale, Infinity);
  }
}

function paintArtist(context, artist, scale, shown) {
  for (const paint of artist.kind === "image" ? [paintImage] : [paintLine, paintMarkers]) {
    context.save();
    clip(context, artist, scale, paint === paintLine ? 0 : 1);
    paint(context, artist, scale, shown);
    context.restore();
  }
}

// Agg lets markers and images have one row and column more than lines.
function clip(context, { clip, outline }, scale, more) {
  if (clip) {
    const [left, top, width, height] = clip.map((length) => length * scale);
    const [x, y] = [nearest(left), nearest(top)];
    context.beginPath();
    context.rect(x, y, nearest(left + width) - x + more, nearest(top + height) - y + more);
    context.clip();
  }
  if (outline) {
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clip(new Path2D(outline.join(" ")));
    context.resetTransform();
  }
}

const nearest = (value) => Math.floor(value + 0.5);

function paintLine(context, line, scale, shown) {
  if (!line.width) return;
  const path = trace(context.canvas, line, scale, shown);
  const dashes = line.dashes.map((length) => length * scale);
  const offset = line.offset * scale;
  style(context, line, line.width * scale);
  if (line.gap) {
    // The same pattern, begun with its last gap.
    context.setLineDash([...dashes.slice(-1), ...dashes.slice(0, -1)]);
    context.lineDashOffset = offset + dashes.at(-1);
    context.strokeStyle = line.gap;
    context.stroke(path);
  }
  context.setLineDash(dashes);
  context.lineDashOffset = offset;
  context.strokeStyle = line.color;
  context.stroke(path);
}

function style(context, { cap, join }, width, unit = 1) {
  context.lineWidth = width;
  context.lineCap = cap;
  context.lineJoin = join;
  context.miterLimit = width * unit; // so it is in Agg: the wider a line, the sharper the corners that get a point
}

// The line as a path. NaN lifts the pen. What is outside the picture is cut off: dashes begin anew where the line comes
// back, and nobody pays for the millions of dashes on the way to infinity. Level and upright lines lie on whole pixels.
function trace({ width, height }, line, scale, shown) {
  const { xy, corners } = line;
  const pieces = [];
  for (let i = 1; 2 * i < xy.length; i++) {
    const ends = [xy[2 * i - 2], xy[2 * i - 1], xy[2 * i], xy[2 * i + 1]].map((value) => value * scale);
    const piece = within([-1, -1, width + 1, height + 1], ...ends);
    if (piece) pieces.push({ i, ends: piece });
  }
  const straight = ({ ends: [x0, y0, x1, y1] }) => Math.abs(x1 - x0) < 1e-4 || Math.abs(y1 - y0) < 1e-4;
  const snap = line.snap ?? (xy.length <= 2048 && pieces.every(straight));
  const shift = (nearest(line.width * scale) % 2) / 2;
  const place = snap ? (value) => nearest(value) + shift : (value) => value;

  const path = new Path2D();
  let last = { ends: [] };
  let pen = [];
  for (const piece of pieces) {
    if (piece.i > (shown - 1) * corners) break;
    const [x0, y0, x1, y1] = piece.ends;
    const goesOn = last.i === piece.i - 1 && last.ends[2] === x0 && last.ends[3] === y0;
    if (!goesOn) path.moveTo(...(pen = [place(x0), place(y0)]));
    const end = [place(x1), place(y1)];
    if (end[0] !== pen[0] || end[1] !== pen[1]) path.lineTo(...(pen = end)); // no dot where nothing moved
    last = piece;
  }
  return path;
}

// The part of a segment that lies in a box, or null (Liang and Barsky's way). NaN lies nowhere. A crossing has the box's
// own coordinate: of numbers as large as 1e300, arithmetic would leave nothing.
function within([left, top, right, bottom], x0, y0, x1, y1) {
  const inside = (x, y) => left <= x && x <= right && top <= y && y <= bottom;
  if (inside(x0, y0) && inside(x1, y1)) return [x0, y0, x1, y1];
  if (Number.isNaN(x0 + y0 + x1 + y1)) return null;
  let [enter, first] = [0, [x0, y0]];
  let [leave, last] = [1, [x1, y1]];
  const onUpright = (x) => [(x - x0) / (x1 - x0), (t) => [x, y0 + t * (y1 - y0)]];
  const onLevel = (y) => [(y - y0) / (y1 - y0), (t) => [x0 + t * (x1 - x0), y]];
  for (const [from, to, low, high, on] of [[x0, x1, left, right, onUpright], [y0, y1, top, bottom, onLevel]]) {
    if (from === to && (from < low || from > high)) return null;
    if (from === to) continue;
    const [inwards, point] = on(from < to ? low : high);
    const [outwards, exit] = on(from < to ? high : low);
    if (inwards > enter) [enter, first] = [inwards, point(inwards)];
    if (outwards < leave) [leave, last] = [outwards, exit(outwards)];
  }
  return enter <= leave ? [...first, ...last] : null;
}

function paintMarkers(context, line, scale, shown) {
  if (!line.marker) return;
  const { shapes, edge, width, size, snap, onePixel } = line.marker;
  const unit = onePixel ? 1 : scale;
  const whole = size * scale >= snap; // its corners lie on whole pixels; otherwise its middle is that of a pixel
  const shift = (nearest(width * scale) % 2) / 2;
  const place = (part) => (typeof part === "number" ? (nearest(part * unit) + shift) / unit : part);
  style(context, line.marker, width, unit);
  context.strokeStyle = edge;
  for (const { outline, fill } of shapes) {
    const path = new Path2D((whole ? outline.map(place) : outline).join(" "));
    context.fillStyle = fill;
    let lastX, lastY; // a run that has come to rest puts hundreds of markers on one spot: one of them will do
    for (const i of marked(line.every, Math.min(line.points, shown))) {
      const x = nearest(line.xy[2 * i * line.corners] * scale) + (whole ? 0 : 0.5);
      const y = nearest(line.xy[2 * i * line.corners + 1] * scale) + (whole ? 0 : 0.5);
      if (Number.isNaN(x + y) || (x === lastX && y === lastY)) continue;
      [lastX, lastY] = [x, y];
      context.setTransform(unit, 0, 0, unit, x, y);
      context.fill(path);
      if (width) context.stroke(path);
    }
  }
}

function marked(every, points) {
  if (every === "last") return points ? [points - 1] : [];
  if (every === null) return Array.from({ length: points }, (_, i) => i);
  return every.filter((i) => i < points);
}

// Only whole pixels of the screen are filled, each with one pixel of the image.
function paintImage(context, { canvas, corners, smooth }, scale) {
  const [[left, top], [right, bottom]] = corners.map((corner) => corner.map((value) => value * scale));
  const [x0, x1] = [left, right].sort((a, b) => a - b).map(nearest);
  const [y0, y1] = [top, bottom].sort((a, b) => a - b).map(nearest);
  const [across, down] = [(right - left) / canvas.width, (bottom - top) / canvas.height]; // negative: backwards
  const pattern = context.createPattern(canvas, "repeat");
  pattern.setTransform(new DOMMatrix([across, 0, 0, down, left + TIE * Math.sign(across), top + TIE * Math.sign(down)]));
  context.imageSmoothingEnabled = smooth;
  context.fillStyle = pattern;
  context.fillRect(x0, y0, x1 - x0, y1 - y0);
}

// Where the middle of a pixel of the screen lies on the border of two of the image, the first one wins.
const TIE = 2e-4;

// Puts each artist together with its share of the buffers, in the colours of the theme.
function unpack(model, dark) {
  const artists = dark ? model.get("_artists").map(inTheDark) : model.get("_artists");
  const points = bytes(model.get("_points"));
  const pixels = bytes(model.get("_pixels"));
  const length = ({ points, corners }) => (points ? 2 * ((points - 1) * corners + 1) : 0);
  const lengths = artists.map((artist) => (artist.kind === "line" ? length(artist) : 0));
  const single = points.byteLength === 4 * lengths.reduce((sum, length) => sum + length, 0);
  let point = 0;
  let pixel = 0;
  return artists.map((artist, i) => {
    if (artist.kind === "line") {
      const xy = new (single ? Float32Array : Float64Array)(points, point, lengths[i]);
      point += xy.byteLength;
      return { ...artist, xy };
    }
    const rgba = new Uint8ClampedArray(pixels, pixel, 4 * artist.rows * artist.columns);
    pixel += rgba.byteLength;
    const canvas = new OffscreenCanvas(artist.columns, artist.rows);
    canvas.getContext("2d").putImageData(new ImageData(rgba, artist.columns, artist.rows), 0, 0);
    return { ...artist, canvas: dark ? turnedOverPicture(canvas) : canvas };
  });
}

function inTheDark(artist) {
  if (artist.kind !== "line") return artist;
  const { color, gap, marker } = artist;
  const shapes = marker?.shapes.map((shape) => ({ ...shape, fill: turnedOverCss(shape.fill) }));
  return {
    ...artist,
    color: turnedOverCss(color),
    gap: turnedOverCss(gap),
    marker: marker && { ...marker, shapes, edge: turnedOverCss(marker.edge) },
  };
}

// A copy, since a typed array has to begin on a multiple of its own width.
const bytes = (view) => view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);

// Tells the kernel of presses, drags and releases that begin inside one of the grips (boxes that somebody listens to),
// and of a mouse that moves over one that wants to know.
function followPointer(model, canvas) {
  let held = null; // the number of the grip
  let hand = null; // the pointer that holds it; another finger is another pointer
  let place = null; // where the pointer was last, in CSS pixels of the figure

  const look = (event) => {
    const box = canvas.getBoundingClientRect();
    const scale = model.get("_size")[0] / box.width;
    place = { x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale };
  };
  const gripHere = () =>
    model.get("_grips").findIndex(({ box: [left, top, width, height] }) =>
      place.x >= left && place.x <= left + width && place.y >= top && place.y <= top + height);
  const tell = (kind, grip = held) => {
    model.set("_pointer", { kind, grip, ...place });
    model.save_changes();
  };
  const letGo = () => {
    if (held !== null) tell("release");
    held = null;
  };
  const listeners = {
    pointerdown(event) {
      look(event);
      const grip = gripHere();
      if (grip < 0 || event.button !== 0 || held !== null) return;
      [held, hand] = [grip, event.pointerId];
      canvas.setPointerCapture(event.pointerId);
      tell("press");
    },
    pointermove(event) {
      if (held !== null && event.pointerId !== hand) return;
      look(event);
      if (held !== null) return tell("drag");
      const grip = gripHere();
      canvas.style.cursor = grip < 0 ? "" : "crosshair";
      if (grip >= 0 && model.get("_grips")[grip].hover) tell("hover", grip);
    },
    pointerup(event) {
      if (event.pointerId !== hand) return;
      look(event);
      letGo();
    },
    pointercancel: (event) => event.pointerId === hand && letGo(),
  };
  for (const [name, listener] of Object.entries(listeners)) canvas.addEventListener(name, listener);
  // A finger that goes up or down would scroll the page, and not drag; over a map, which is read and not dragged, it does.
  const keepThePage = (event) => {
    look(event.touches[0]);
    const grip = gripHere();
    if (event.touches.length === 1 && grip >= 0 && !model.get("_grips")[grip].hover) event.preventDefault();
  };
  canvas.addEventListener("touchstart", keepThePage, { passive: false });
}

const rooms = new Set(); // the views of a figure: one that goes leaves its width to the others

// Tells the kernel how wide the figure may be and how dense the screen is: at once the first time, then when it rests.
function reportRoom(model, el, ask) {
  let timer = 0;
  let told = {}; // by this view: where there are two, the one that changed last decides
  const same = (room, other) => room.width === other.width && room.ratio === other.ratio;
  const report = () => {
    const room = { width: el.clientWidth, ratio: devicePixelRatio };
    if (!room.width || same(room, told)) return; // no width: hidden, in a folded section or a background tab
    told = room;
    if (same(room, model.get("_room"))) return;
    model.set("_room", room);
    model.save_changes();
  };
  const measure = () => {
    ask();
    clearTimeout(timer);
    timer = setTimeout(report, told.width ? 150 : 0);
  };
  const observer = new ResizeObserver(measure);
  observer.observe(el);
  const stopFollowing = followDensity(measure);
  const again = () => {
    told = {};
    measure();
  };
  rooms.add(again);
  return () => {
    observer.disconnect();
    stopFollowing();
    clearTimeout(timer);
    rooms.delete(again);
    for (const other of rooms) other();
  };
}

export default { render };
