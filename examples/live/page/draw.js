/**
 * What the page draws: pictures of bytes on canvases, curves as SVG. Every function stands on its own text: it is written
 * into the page.
 *
 * @module
 */

/** Colours of runs, told apart by every kind of colour vision, on white and on black. */
export function runColor(index) {
  return ["#0a84d0", "#d55e00", "#009e73", "#b0619b", "#b58900", "#4fa3d1"][index % 6];
}

/** The colour of a byte: gray, an activation's, or a weight's. */
export function byteColor(byte, palette) {
  if (palette === "gray") return [byte, byte, byte];
  const stops = palette === "map"
    ? [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]]
    : [[5, 48, 110], [70, 140, 200], [255, 255, 255], [235, 140, 60], [140, 60, 0]];
  const at = 4 * byte / 255, place = Math.min(3, Math.floor(at)), share = at - place;
  return stops[place].map((from, k) => from + share * (stops[place + 1][k] - from));
}

/** Draws a picture on a canvas of as many pixels. */
export function drawPicture(canvas, { height, width, channels, data }, palette) {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d"), image = context.createImageData(width, height);
  for (let k = 0; k < width * height; k++) {
    const color = channels === 3 ? bytes.subarray(3 * k, 3 * k + 3) : byteColor(bytes[k], palette);
    image.data.set([...color, 255], 4 * k);
  }
  context.putImageData(image, 0, 0);
}

/** An element of SVG with attributes and children. */
export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** Ticks of an axis: about so many round numbers. */
export function ticks(low, high, count) {
  const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((n) => n * power >= rough);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) {
    found.push(Number((k * step).toPrecision(12)));
  }
  return found;
}

/** The path through points whose y may be missing. */
export function pathOf(points, x, y) {
  let text = "", isDown = false;
  for (const [at, value] of points) {
    if (value === null || !Number.isFinite(value)) isDown = false;
    else {
      text += `${isDown ? "L" : "M"}${x(at).toFixed(1)},${y(value).toFixed(1)}`;
      isDown = true;
    }
  }
  return text;
}

/** Draws curves into a box: `series` have a name, colour, points, and whether they are dashed or have marks. */
export function drawChart(box, { label, xLabel, xMax, low, high, series }) {
  const width = Math.max(240, box.clientWidth),
    height = Math.round(Math.min(300, Math.max(190, width * 0.5)));
  const [left, right, top, bottom] = [44, 10, 10, 34];
  const x = (v) => left + (width - left - right) * v / xMax;
  const y = (v) => top + (height - top - bottom) * (1 - (v - low) / (high - low));
  const parts = [];
  for (const v of ticks(low, high, 4)) {
    parts.push(svg("line", { class: "grid", x1: left, x2: width - right, y1: y(v), y2: y(v) }));
    parts.push(svg("text", { x: left - 6, y: y(v) + 4, "text-anchor": "end" }, `${v}`));
  }
  for (const v of ticks(0, xMax, Math.max(2, Math.min(8, Math.floor(width / 70))))) {
    if (Number.isInteger(v) || xMax < 2) {
      parts.push(svg("text", { x: x(v), y: height - bottom + 16, "text-anchor": "middle" }, `${v}`));
    }
  }
  parts.push(svg("text", { x: width - right, y: height - 4, "text-anchor": "end" }, xLabel));
  for (const { color, points, dashed, marks } of series) {
    const style = { class: dashed ? "curve dashed" : "curve", stroke: color };
    parts.push(svg("path", { d: pathOf(points, x, y), ...style }));
    for (const [at, v] of marks ? points : []) {
      if (v !== null) parts.push(svg("circle", { cx: x(at), cy: y(v), r: 3, fill: color }));
    }
  }
  const said = series.map(({ name, points }) =>
    `${name} ${points.findLast(([, v]) => v !== null)?.[1].toFixed(3) ?? "–"}`
  );
  const drawn = svg("svg", {
    viewBox: `0 0 ${width} ${height}`,
    role: "img",
    "aria-label": `${label}: ${said.join(", ")}`,
  });
  drawn.append(...parts);
  box.replaceChildren(drawn);
}

/** Fills a list with what tells the curves apart. */
export function drawLegend(list, series) {
  list.replaceChildren(...series.map(({ name, color, dashed }) => {
    const item = document.createElement("li"),
      line = svg("svg", { viewBox: "0 0 26 8", "aria-hidden": "true" });
    line.append(svg("path", { d: "M1,4H25", class: dashed ? "curve dashed" : "curve", stroke: color }));
    item.append(line, name);
    return item;
  }));
}
