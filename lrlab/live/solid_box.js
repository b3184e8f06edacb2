// The box around the surface of solid.js, which comes after this in one module: floor, walls, numbers and names.

// Floor and the two walls behind, with a line at each tick.
function paintBox(context, camera, { ticks }, em) {
  const [farX, farY] = [camera.sa > 0 ? -1 : 1, camera.ca > 0 ? 1 : -1];
  const stroke = (...places) => {
    places.forEach((place, i) => context[i ? "lineTo" : "moveTo"](...camera.project(...place).slice(0, 2)));
  };
  context.strokeStyle = css(FAINT, 0.75);
  context.lineWidth = Math.max(0.045 * em, 0.5);
  context.beginPath();
  for (const [share] of ticks[0]) stroke([2 * share - 1, -farY, FLOOR], [2 * share - 1, farY, FLOOR], [2 * share - 1, farY, HIGH]);
  for (const [share] of ticks[1]) stroke([-farX, 2 * share - 1, FLOOR], [farX, 2 * share - 1, FLOOR], [farX, 2 * share - 1, HIGH]);
  for (const [share] of ticks[2]) stroke([-farX, farY, HIGH * share], [farX, farY, HIGH * share], [farX, -farY, HIGH * share]);
  context.stroke();
  context.strokeStyle = css(FAINT);
  context.lineWidth = 0.07 * em;
  context.beginPath();
  stroke(...[...CORNERS, CORNERS[0]].map((corner) => [...corner, FLOOR]));
  stroke([-farX, farY, FLOOR], [-farX, farY, HIGH], [farX, farY, HIGH], [farX, -farY, HIGH], [farX, -farY, FLOOR]);
  stroke([farX, farY, FLOOR], [farX, farY, HIGH]);
  context.stroke();
}

// The surface's border, where it is not hidden.
function paintRim(context, camera, mesh, hides) {
  context.strokeStyle = css(QUIET, 0.55);
  context.lineWidth = 0.9;
  context.beginPath();
  const many = Math.max(mesh.columns, mesh.rows) - 1;
  CORNERS.forEach(([x0, y0], corner) => {
    const [x1, y1] = CORNERS[(corner + 1) % 4];
    let down = false;
    for (let i = 0; i <= many; i++) {
      const [x, y] = [x0 + ((x1 - x0) * i) / many, y0 + ((y1 - y0) * i) / many];
      const place = camera.project(x, y, heightAt(mesh, x, y));
      const drawn = !hides(place) && Number.isFinite(place[1]);
      if (drawn) context[down ? "lineTo" : "moveTo"](place[0], place[1]);
      down = drawn;
    }
  });
  context.stroke();
}

// Numbers and names along the two edges in front, and up the edge farthest to the left.
function paintAxes(context, camera, { ticks, names }, em, middle) {
  const written = []; // from where to where, and at what height: a number that has no room is left out
  const [nearX, nearY] = [camera.sa > 0 ? 1 : -1, camera.ca > 0 ? -1 : 1];
  const flat = (x, y, z) => camera.project(x, y, z).slice(0, 2);
  edge(ticks[0], names[0], (share) => flat(2 * share - 1, nearY, FLOOR), flat(0, 0, FLOOR), camera.ca);
  edge(ticks[1], names[1], (share) => flat(nearX, 2 * share - 1, FLOOR), flat(0, 0, FLOOR), camera.sa);
  if (camera.ce * camera.scale * HIGH < 3.5 * em) return;
  const [x, y] = CORNERS.reduce((best, corner) => (flat(...corner, 0)[0] < flat(...best, 0)[0] ? corner : best));
  context.textAlign = "right";
  context.textBaseline = "middle";
  write(context, em, 0.9);
  let last = Infinity;
  for (const [share, words] of ticks[2]) {
    const [left, top] = flat(x, y, HIGH * share);
    if (last - top < 1.05 * em) continue; // no room
    last = top;
    context.fillText(words, left - 0.45 * em, top);
  }
  write(context, em, 1);
  context.textAlign = "left";
  const [left, top] = flat(x, y, HIGH);
  const long = context.measureText(names[2]).width > 5 * em; // then it stands where the box never is
  context.fillText(names[2], long ? 0.3 * em : left - 2.6 * em, long ? em : Math.max(top - 1.3 * em, em));

  function edge(ticks, name, at, centre) {
    const [from, to] = [at(0), at(1)];
    const long = Math.hypot(to[0] - from[0], to[1] - from[1]);
    if (long < 3 * em) return; // seen end on
    // Away from the middle of the floor, at right angles to the edge.
    let away = [(to[1] - from[1]) / long, (from[0] - to[0]) / long];
    const half = at(0.5);
    if (away[0] * (half[0] - centre[0]) + away[1] * (half[1] - centre[1]) < 0) away = away.map((value) => -value);
    context.textAlign = Math.abs(away[0]) < 0.3 ? "center" : away[0] > 0 ? "left" : "right";
    context.textBaseline = "middle";
    write(context, em, 0.9);
    const put = (words, share, far, always) => {
      const [x, y] = at(share).map((value, i) => value + away[i] * far);
      const wide = context.measureText(words).width;
      const begin = x - wide * { left: 0, center: 0.5, right: 1 }[context.textAlign];
      const box = [begin - 0.2 * em, begin + wide + 0.2 * em, y];
      const meets = ([left, right, row]) => left < box[1] && box[0] < right && Math.abs(row - y) < 0.9 * em;
      if (!always && written.some(meets)) return;
      written.push(box);
      context.fillText(words, x, y);
    };
    for (const [share, words] of ticks) put(words, share, 0.85 * em, false);
    write(context, em, 1);
    put(name, 0.5, 2.1 * em, true);
  }
}

function write(context, em, size) {
  context.font = `${size * em}px "DejaVu Sans", Verdana, sans-serif`;
  context.fillStyle = css(QUIET);
}
