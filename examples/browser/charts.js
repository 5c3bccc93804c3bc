/**
 * Drawing on canvases: the curve of the losses, and numbers as small pictures.
 *
 * @module
 */

/** The colour that a name has in the style sheet. */
const colour = (name) => {
  const probe = document.createElement("i");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
};

/** Numbers for an axis: at most `most` steps of 1, 2 or 5 times a power of ten. */
function ticks(from, to, most) {
  const raw = (to - from) / most, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((k) => k * power).find((s) => s >= raw);
  const found = [];
  for (let value = Math.ceil(from / step) * step; value <= to + step / 1e6; value += step) found.push(value);
  return found;
}

/**
 * Draws lines of losses by step.
 *
 * @param canvas Where.
 * @param lines Each with its values, the name of its colour, its width and how it is dashed; the last is on top.
 */
export function drawCurve(canvas, lines) {
  const ratio = devicePixelRatio || 1, { clientWidth: width, clientHeight: height } = canvas;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const g = canvas.getContext("2d");
  g.scale(ratio, ratio);
  g.font = "11px system-ui, sans-serif";
  const steps = Math.max(20, ...lines.map(({ values }) => values.length));
  const values = lines.flatMap((line) => line.values).filter(Number.isFinite);
  const top = Math.max(2.5, Math.min(4, values.reduce((a, b) => Math.max(a, b), 0)));
  const left = 34, right = 8, above = 8, below = 22;
  const x = (step) => left + (width - left - right) * step / steps;
  const y = (value) => above + (height - above - below) * (1 - Math.min(value, top) / top);
  g.strokeStyle = colour("line");
  g.fillStyle = colour("soft");
  g.lineWidth = 1;
  g.textAlign = "right";
  g.textBaseline = "middle";
  for (const value of ticks(0, top, 5)) {
    g.beginPath();
    g.moveTo(left, y(value));
    g.lineTo(width - right, y(value));
    g.stroke();
    g.fillText(String(Number(value.toFixed(2))), left - 6, y(value));
  }
  g.textAlign = "center";
  g.textBaseline = "top";
  for (const step of ticks(0, steps, Math.min(8, width / 60))) {
    g.fillText(String(step), x(step), height - below + 6);
  }
  for (const line of lines) drawLine(g, line, x, y);
}

function drawLine(g, { values, name, width, dash = [] }, x, y) {
  g.strokeStyle = colour(name);
  g.lineWidth = width;
  g.lineJoin = "round";
  g.setLineDash(dash);
  g.beginPath();
  values.forEach((value, k) => Number.isFinite(value) && g.lineTo(x(k + 1), y(value)));
  g.stroke();
  g.setLineDash([]);
}

/** Draws square pictures of numbers into canvases; `isSigned` numbers in two colours around 0, others from black to white. */
export function drawTiles(canvases, values, side, isSigned) {
  const area = side * side;
  canvases.forEach((canvas, k) => {
    const part = values.subarray(k * area, (k + 1) * area);
    const most = Math.max(1e-9, ...part.map(Math.abs)),
      least = Math.min(...part),
      range = Math.max(...part) - least;
    canvas.width = canvas.height = side;
    const g = canvas.getContext("2d"), image = g.createImageData(side, side);
    part.forEach((value, i) =>
      image.data.set(isSigned ? signed(value / most) : gray((value - least) / (range || 1)), 4 * i)
    );
    g.putImageData(image, 0, 0);
  });
}

const gray = (v) => [255 * v, 255 * v, 255 * v, 255];
/** From blue over white to red. */
const signed = (v) =>
  v < 0 ? [255 * (1 + v), 255 * (1 + 0.6 * v), 255, 255] : [255, 255 * (1 - 0.75 * v), 255 * (1 - v), 255];
