// A height field as pixels: a small renderer of our own, with a depth for each pixel, since no graphics card can be
// relied on. Orthographic, so that heights, depths and rings are linear on the screen, and from above it is a map.
// Box: x and y from -1 to 1, z up. `near` is larger the nearer a place is to whoever looks.

const HIGH = 0.95; // how high a box is whose sides are 2

const NOTHING = -1e9; // the depth where there is no surface

// Azimuth 0 looks along y: x then goes right. Angles in radians.
function cameraAt(azimuth, elevation, scale, x0, y0) {
  const [ca, sa, ce, se] = [Math.cos(azimuth), Math.sin(azimuth), Math.cos(elevation), Math.sin(elevation)];
  return {
    ca, sa, ce, se, scale,
    project(x, y, z) {
      const toward = x * sa - y * ca;
      return [x0 + scale * (x * ca + y * sa), y0 - scale * (z * ce - toward * se), toward * ce + z * se];
    },
    // The way back, from a place on the screen and how near it is; or, without that, at the height z.
    place(column, row, near, z) {
      const [across, up] = [(column - x0) / scale, (y0 - row) / scale];
      const toward = near === null ? (z * ce - up) / se : near * ce - up * se;
      return [across * ca + toward * sa, across * sa - toward * ca];
    },
  };
}

// The grid's corners in the box, and which way the surface faces there.
function meshOf(heights, rings, [rows, columns]) {
  const count = rows * columns;
  const mesh = { rows, columns, heights, rings, normals: new Float32Array(3 * count) };
  const at = (row, column) => heights[Math.min(Math.max(row, 0), rows - 1) * columns + Math.min(Math.max(column, 0), columns - 1)];
  const [dx, dy] = [(columns - 1) / 4, (rows - 1) / 4]; // of differences over two cells
  for (let row = 0, i = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, i++) {
      const [sx, sy] = [column % (columns - 1) ? 1 : 2, row % (rows - 1) ? 1 : 2]; // over one, at the border
      const nx = -HIGH * sx * dx * (at(row, column + 1) - at(row, column - 1)) || 0;
      const ny = -HIGH * sy * dy * (at(row + 1, column) - at(row - 1, column)) || 0;
      const length = Math.hypot(nx, ny, 1);
      mesh.normals.set([nx / length, ny / length, 1 / length], 3 * i);
    }
  }
  return mesh;
}

// Two pictures of width x height pixels: `top`, the surface's upper side, and `under`, what is seen from below and
// hides it. near: the depth of the upper side at each pixel. before: an older result, whose memory is used again.
function rasterise(mesh, look, camera, width, height, before) {
  const { rows, columns } = mesh;
  const again = before?.width === width && before?.height === height;
  const layers = again ? [before.top, before.under] : [layer(width, height), layer(width, height)];
  for (const { near, pixels } of layers) near.fill(NOTHING), pixels.fill(0);
  const corners = projected(mesh, camera);
  const paint = painter(layers, corners, mesh.rings, look, width, height);
  for (let row = 0; row + 1 < rows; row++) {
    for (let i = row * columns; i < row * columns + columns - 1; i++) {
      // Along the diagonal that bends less, or ridges that run across look like saws.
      const [a, b, c, d] = [i, i + 1, i + columns, i + columns + 1];
      const flat = Math.abs(mesh.heights[a] - mesh.heights[d]) <= Math.abs(mesh.heights[b] - mesh.heights[c]);
      if (flat) paint(a, b, d), paint(a, d, c);
      else paint(a, b, c), paint(b, d, c);
    }
  }
  return { top: layers[0], under: layers[1], width, height };
}

function layer(width, height) {
  return { near: new Float32Array(width * height), pixels: new Uint32Array(width * height) };
}

// Screen places, depth and light of each corner. The light comes over the left shoulder, wherever one stands.
function projected({ rows, columns, heights, normals }, { project, ca, sa }) {
  const count = rows * columns;
  const [X, Y, N, L] = [0, 0, 0, 0].map(() => new Float32Array(count));
  const [ox, oy, on] = project(-1, -1, 0);
  const step = (to) => project(...to).map((value, i) => value - [ox, oy, on][i]);
  const right = step([-1 + 2 / (columns - 1), -1, 0]);
  const back = step([-1, -1 + 2 / (rows - 1), 0]);
  const up = step([-1, -1, HIGH]);
  const light = [-0.62 * ca + 0.3 * sa, -0.62 * sa - 0.3 * ca, 0.72];
  for (let row = 0, i = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, i++) {
      const h = heights[i];
      X[i] = ox + column * right[0] + row * back[0] + h * up[0];
      Y[i] = oy + column * right[1] + row * back[1] + h * up[1];
      N[i] = on + column * right[2] + row * back[2] + h * up[2];
      const lit = normals[3 * i] * light[0] + normals[3 * i + 1] * light[1] + normals[3 * i + 2] * light[2];
      L[i] = 0.83 + 0.21 * lit;
    }
  }
  return { X, Y, N, L };
}

// Returns what paints the triangle of three corners, if they are finite.
function painter(layers, { X, Y, N, L }, rings, { bands, line, stroke }, width, height) {
  const last = bands.length - 1;
  return (a, b, c) => {
    const [x0, y0, x1, y1, x2, y2] = [X[a], Y[a], X[b], Y[b], X[c], Y[c]];
    const area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0);
    if (!(Math.abs(area) > 1e-9)) return; // edge on, or not a number
    const { near, pixels } = layers[area < 0 ? 0 : 1];
    const left = Math.max(Math.ceil(Math.min(x0, x1, x2) - 0.5), 0);
    const right = Math.min(Math.floor(Math.max(x0, x1, x2) - 0.5), width - 1);
    const top = Math.max(Math.ceil(Math.min(y0, y1, y2) - 0.5), 0);
    const bottom = Math.min(Math.floor(Math.max(y0, y1, y2) - 0.5), height - 1);
    if (left > right || top > bottom) return;
    // Weights of b and c, which are linear on the screen; that of a is the rest.
    const [bx, by] = [(y2 - y0) / area, (x0 - x2) / area];
    const [cx, cy] = [(y0 - y1) / area, (x1 - x0) / area];
    const [rb, rc] = [rings[b] - rings[a], rings[c] - rings[a]];
    const steep = Math.hypot(rb * bx + rc * cx, rb * by + rc * cy) || 1e-9; // rings per pixel
    const strength = line.alpha * Math.min(1, Math.max(0, 1.25 - 2.2 * steep)); // where they crowd, they fade
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const [px, py] = [x + 0.5 - x0, y + 0.5 - y0];
        const wb = px * bx + py * by;
        const wc = px * cx + py * cy;
        if (wb < -1e-4 || wc < -1e-4 || wb + wc > 1.0001) continue;
        const depth = N[a] + wb * (N[b] - N[a]) + wc * (N[c] - N[a]);
        const p = y * width + x;
        if (depth <= near[p]) continue;
        near[p] = depth;
        const ring = rings[a] + wb * rb + wc * rc;
        const lit = L[a] + wb * (L[b] - L[a]) + wc * (L[c] - L[a]);
        const nearest = Math.round(ring);
        const inked = stroke / 2 + 0.5 - Math.abs(ring - nearest) / steep;
        const mix = nearest > 0 ? strength * Math.min(Math.max(inked, 0), 1) : 0;
        const band = bands[Math.min(Math.max(Math.floor(ring), 0), last)];
        const red = Math.min(255, lit * (band[0] + mix * (line.color[0] - band[0])));
        const green = Math.min(255, lit * (band[1] + mix * (line.color[1] - band[1])));
        const blue = Math.min(255, lit * (band[2] + mix * (line.color[2] - band[2])));
        pixels[p] = 0xff000000 | (blue << 16) | (green << 8) | red;
      }
    }
  };
}

// The surface's height at a place in the box, between its grid's corners; NaN over a hole.
function heightAt({ rows, columns, heights }, x, y) {
  const [u, v] = [((x + 1) / 2) * (columns - 1), ((y + 1) / 2) * (rows - 1)];
  const column = Math.min(Math.max(Math.floor(u), 0), columns - 2);
  const row = Math.min(Math.max(Math.floor(v), 0), rows - 2);
  const [s, t, i] = [u - column, v - row, row * columns + column];
  const near = heights[i] * (1 - s) + heights[i + 1] * s;
  const far = heights[i + columns] * (1 - s) + heights[i + columns + 1] * s;
  return HIGH * (near * (1 - t) + far * t);
}
