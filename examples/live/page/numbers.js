/**
 * The page's figures, curves and tables.
 *
 * @module
 */
import { drawChart, drawLegend, runColor } from "./draw.js";

/** An element by its identifier. */
export function byId(id) {
  return document.getElementById(id);
}

/** Sets a text, where it is another. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A number with so many digits after the point; what is none is a dash. */
export function fixed(value, digits = 3) {
  return typeof value === "number" && Number.isFinite(value) ? value.toFixed(digits) : "–";
}

/** Seconds as minutes, or hours. */
export function duration(seconds) {
  if (seconds === null || !Number.isFinite(seconds)) return "–";
  const whole = Math.round(seconds), two = (n) => `${n}`.padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** How a run stands, as a name among the words. */
export function stateOf(app, run) {
  if (!run) return "waiting";
  return run.end ? run.end.how : app.canControl ? "training" : "open";
}

/** Shows the figures of a run. */
export function showFigures(app, run) {
  const { progress: now, metrics, begin, end } = run, last = metrics.at(-1);
  const epoch = Math.max(now?.epoch ?? 0, metrics.length);
  const isWithin = now && now.epoch > metrics.length;
  setText(byId("epoch"), begin.epochs > 0 ? `${epoch} / ${begin.epochs}` : `${epoch}`);
  setText(byId("done"), now ? `${now.done} / ${now.total}` : "–");
  setText(byId("speed"), fixed(now?.examplesPerSec ?? last?.examplesPerSec, 0));
  setText(byId("left"), end || !now ? "–" : duration(now.secondsLeft));
  const rate = run.changes.at(-1)?.lr ?? begin.lr, present = now?.lr ?? rate;
  setText(byId("rate"), present === null ? "–" : `${Number(present.toPrecision(4))}`);
  setText(byId("loss"), fixed(isWithin ? now.trainLoss : last?.trainLoss));
  setText(byId("train-acc"), fixed(isWithin ? now.trainAcc : last?.trainAcc));
  setText(byId("test-acc"), fixed(last?.testAcc));
  const bar = byId("bar"), inEpoch = isWithin ? now.done / now.total : 0;
  bar.hidden = begin.epochs === 0;
  if (begin.epochs > 0) {
    bar.value = end?.how === "finished" ? 1 : Math.min(1, (metrics.length + inEpoch) / begin.epochs);
  }
  bar.setAttribute("aria-label", `${app.words.epoch} ${epoch} / ${begin.epochs}`);
  setText(byId("device"), [begin.title, begin.device, begin.folder].filter(Boolean).join(" · "));
}

/** The curves of all runs: of one its loss and both accuracies, of several each its loss and test accuracy. */
export function curvesOf(app) {
  const { runs, words } = app, isOne = runs.length === 1;
  const loss = [], acc = [];
  runs.forEach((run, index) => {
    const color = runColor(index), name = run.begin.title;
    const points = run.points.length > 0
      ? run.points
      : run.metrics.map((m) => [m.epoch, m.trainLoss, m.trainAcc]);
    const tests = run.metrics.map((m) => [m.epoch, m.testAcc]);
    loss.push({ name: isOne ? words.loss : name, color, points: points.map(([x, v]) => [x, v]) });
    if (isOne) {
      acc.push({ name: words.trainAcc, color, dashed: true, points: points.map(([x, , v]) => [x, v]) });
    }
    acc.push({
      name: isOne ? words.testAcc : name,
      color: isOne ? runColor(1) : color,
      points: tests,
      marks: true,
    });
  });
  return { loss, acc };
}

/** Draws the curves. */
export function showCurves(app) {
  const { loss, acc } = curvesOf(app), { words, runs } = app;
  const longest = (run) => Math.max(run.begin.epochs, run.metrics.length, run.points.at(-1)?.[0] ?? 0, 1);
  const xMax = Math.max(...runs.map(longest));
  const values = loss.flatMap(({ points }) => points.map(([, v]) => v)).filter(Number.isFinite);
  const most = values.reduce((a, b) => Math.max(a, b), 0) || 1;
  const axes = { xLabel: words.epoch, xMax, low: 0 };
  drawChart(byId("loss-chart"), { ...axes, label: words.loss, high: most * 1.05, series: loss });
  drawChart(byId("acc-chart"), { ...axes, label: words.testAcc, high: 1, series: acc });
  drawLegend(byId("loss-legend"), loss);
  drawLegend(byId("acc-legend"), acc);
}

/** A table of these columns; a column of numbers has its numbers on the right. */
export function tableOf(columns, rows, foot) {
  const table = document.createElement("table"), head = table.createTHead().insertRow();
  const cell = (row, text, { isNumber }, kind = "td") => {
    const made = document.createElement(kind);
    made.textContent = text;
    if (isNumber) made.className = "number";
    if (kind === "th") made.scope = "col";
    row.append(made);
  };
  columns.forEach((column) => cell(head, column.name, column, "th"));
  const body = table.createTBody();
  for (const texts of rows) {
    const row = body.insertRow();
    texts.forEach((text, k) => cell(row, text, columns[k]));
  }
  if (foot) {
    const row = table.createTFoot().insertRow();
    foot.forEach((text, k) => cell(row, text, columns[k]));
  }
  return table;
}

/** The network as a table. */
export function showNetwork({ words, lang }, { begin: { layers } }) {
  const columns = [
    { name: words.layer },
    { name: words.kind },
    { name: words.shape },
    { name: words.parameters, isNumber: true },
  ];
  const own = layers.filter(({ path }) => path !== "");
  const rows = own.map(({ path, type, depth, shape, parameters }) => [
    "\u2003".repeat(Math.max(0, depth - 1)) + path,
    type,
    shape ? shape.slice(1).join(" × ") : "",
    parameters > 0 ? parameters.toLocaleString(lang) : "",
  ]);
  const sum = layers.reduce((total, { parameters }) => total + parameters, 0);
  const foot = [words.all, layers[0]?.type ?? "", "", sum.toLocaleString(lang)];
  byId("layers").replaceChildren(tableOf(columns, rows, foot));
}

/** The epochs as a table, the newest first. */
export function showEpochs({ words }, { metrics }) {
  const names = [words.epoch, words.loss, words.trainAcc, words.testAcc, words.speed, words.seconds];
  const columns = names.map((name) => ({ name, isNumber: true }));
  const rows = metrics.toReversed().map((m) => [
    `${m.epoch}`,
    fixed(m.trainLoss),
    fixed(m.trainAcc),
    fixed(m.testAcc),
    fixed(m.examplesPerSec, 0),
    fixed(m.seconds, 1),
  ]);
  byId("epoch-table").replaceChildren(tableOf(columns, rows));
}

/** What was said, and done by hand. */
export function showNotes({ words }, { notes, changes, end }) {
  const lines = notes.map(({ text, isWarning }) => ({ text, isWarning }));
  if (notes.length === 0) { // of a run in a folder, which keeps the changes
    for (const { from, lr, epoch, step } of changes) {
      lines.push({ text: words.changed(from, lr, epoch, step + 1) });
    }
  }
  if (end?.text) lines.push({ text: end.text, isWarning: end.how === "failed" });
  byId("notes").replaceChildren(
    ...lines.toReversed().map(({ text, isWarning }) => {
      const item = document.createElement("li");
      item.textContent = text;
      if (isWarning) item.className = "warning";
      return item;
    }),
  );
  return lines.length > 0;
}
