// Paths on the surface of solid.js, which comes after this in one module, and what marks places on it.

// Each path with the places of its points and, between them, of the surface below: `steps` are [x, y, z, epoch] by fours.
function laid(model, mesh) {
  const strokes = model.get("_strokes");
  const numbers = floats(model.get("_points"));
  const length = strokes.length ? numbers.length / 3 / strokes.length : 0;
  const most = Math.max(2, Math.ceil(40_000 / Math.max(1, length * strokes.length)));
  const paths = strokes.map((stroke, i) => {
    const points = Array.from({ length }, (_, n) => placed(numbers.subarray(3 * (i * length + n), 3 * (i * length + n) + 3)));
    const steps = [];
    for (let n = 1; n < length; n++) drape(steps, mesh, points[n - 1], points[n], n, most);
    return { ...stroke, points, steps };
  });
  return paths.sort((one, other) => one.order - other.order);
}

// The part of a step that is inside the box, along the surface, which it leaves as its ends do.
function drape(steps, mesh, from, to, epoch, most) {
  const span = inside(from, to);
  if (!span) return;
  const along = (t) => from.map((value, i) => value + t * (to[i] - value));
  const [offA, offB] = [from, to].map((end) => end[2] - heightAt(mesh, end[0], end[1]));
  const cells = Math.max(Math.abs(to[0] - from[0]) * mesh.columns, Math.abs(to[1] - from[1]) * mesh.rows) / 2;
  const parts = Math.min(Math.max(Math.ceil((span[1] - span[0]) * cells), 1), most);
  const bend = isIn(from) && isIn(to);
  for (let part = 0; part <= parts; part++) {
    const t = span[0] + (part / parts) * (span[1] - span[0]);
    const [x, y, straight] = along(t);
    const surface = heightAt(mesh, x, y) + (bend ? offA + t * (offB - offA) : LIFT);
    const z = Math.min(Number.isNaN(surface) ? straight : surface, HIGH + LIFT);
    steps.push(x, y, z, part ? epoch : -epoch); // negative: the pen is set down here
  }
}

const isIn = ([x, y]) => Math.abs(x) <= 1 && Math.abs(y) <= 1;

// From where to where, as shares of the way from one place to another, it is inside the box seen from above.
function inside(from, to) {
  let [begin, end] = [0, 1];
  for (const i of [0, 1]) {
    const [place, way] = [from[i], to[i] - from[i]];
    if (!Number.isFinite(place + way)) return null;
    if (way === 0) {
      if (Math.abs(place) > 1) return null;
      continue;
    }
    const [one, other] = [(-1 - place) / way, (1 - place) / way];
    begin = Math.max(begin, Math.min(one, other));
    end = Math.min(end, Math.max(one, other));
  }
  return begin < end || (begin === end && isIn(from)) ? [begin, end] : null;
}

function paintPath({ context, camera, em, hides }, path, shown, strength) {
  const { steps } = path;
  const dashes = path.dashes.map((length) => length * em);
  context.strokeStyle = css(path.color);
  context.lineWidth = path.width * em;
  [context.lineJoin, context.lineCap] = ["round", dashes.length ? "butt" : "round"];
  context.setLineDash(dashes);
  let [line, hidden, length, began, last] = [null, false, 0, 0, null];
  const lift = () => {
    if (line) {
      context.globalAlpha = strength * (hidden ? BEHIND : 1);
      context.lineDashOffset = began; // dashes go on where the line was hidden
      context.stroke(line);
    }
    line = null;
  };
  for (let i = 0; i < steps.length && Math.abs(steps[i + 3]) < shown; i += 4) {
    const place = camera.project(steps[i], steps[i + 1], steps[i + 2]);
    const hiddenHere = hides(place);
    const jumps = steps[i + 3] < 0 && !(last && Math.hypot(place[0] - last[0], place[1] - last[1]) < 0.01);
    if (!jumps && last) length += Math.hypot(place[0] - last[0], place[1] - last[1]);
    if (jumps || hiddenHere !== hidden || !line) {
      if (!jumps && line) line.lineTo(place[0], place[1]);
      lift();
      [line, hidden, began] = [new Path2D(), hiddenHere, length];
      line.moveTo(place[0], place[1]);
    } else line.lineTo(place[0], place[1]);
    last = place;
  }
  lift();
  context.setLineDash([]);
  context.fillStyle = css(path.color);
  const dots = [new Path2D(), new Path2D()];
  const radius = (path.dot * em) / 2;
  let spot = [NaN, NaN];
  for (const point of path.points.slice(0, Math.min(shown, path.points.length))) {
    if (!isIn(point)) continue;
    const place = camera.project(...held(point));
    if (Math.hypot(place[0] - spot[0], place[1] - spot[1]) < 0.3) continue; // where a run rests, one dot does
    spot = place;
    const dot = dots[hides(place) ? 1 : 0];
    dot.moveTo(place[0] + radius, place[1]);
    dot.arc(place[0], place[1], radius, 0, 2 * Math.PI);
  }
  dots.forEach((dot, i) => {
    context.globalAlpha = strength * (i ? BEHIND : 1);
    context.fill(dot);
  });
  context.globalAlpha = 1;
}

const held = ([x, y, z]) => [x, y, Number.isFinite(z) ? Math.min(z, HIGH + LIFT) : HIGH + LIFT];

// The start that they share, and where each path is.
function paintHeads(pen, paths, shown) {
  const start = paths[0]?.points[0];
  if (start && isIn(start)) paintHead(pen, held(start), "o", PAPER, INK, 0.55, 0.11);
  for (const { points, head, color } of paths) {
    const point = points[Math.min(shown, points.length) - 1];
    if (point && isIn(point)) paintHead(pen, held(point), head, color, PAPER, 0.65, 0.095);
  }
}

function paintHead({ context, camera, em, hides }, point, shape, fill, edge, size, width) {
  const place = camera.project(...point);
  const [x, y] = place;
  const half = (size * em) / 2;
  context.globalAlpha = hides(place) ? 0.45 : 1;
  context.beginPath();
  if (shape === "o") context.arc(x, y, half, 0, 2 * Math.PI);
  else if (shape === "s") context.rect(x - half, y - half, 2 * half, 2 * half);
  else {
    const far = half * Math.SQRT2;
    [[0, -far], [far, 0], [0, far], [-far, 0]].forEach(([dx, dy]) => context.lineTo(x + dx, y + dy));
    context.closePath();
  }
  context.fillStyle = css(fill);
  context.strokeStyle = css(edge);
  [context.lineWidth, context.lineJoin] = [width * em, "miter"];
  context.fill();
  context.stroke();
  context.globalAlpha = 1;
}

// A cross that lies in the box as the axes do.
function paintCross({ context, camera, em, hides }, [x, y, z], count) {
  const size = ((count <= 4 ? 0.9 : 0.55) * em) / camera.scale;
  const place = camera.project(x, y, z);
  context.globalAlpha = hides(place) ? BEHIND : 1;
  context.strokeStyle = css(INK);
  context.lineWidth = 0.09 * em;
  context.beginPath();
  for (const [dx, dy] of [[size, 0], [0, size]]) {
    context.moveTo(...camera.project(x - dx, y - dy, z).slice(0, 2));
    context.lineTo(...camera.project(x + dx, y + dy, z).slice(0, 2));
  }
  context.stroke();
  context.globalAlpha = 1;
}
