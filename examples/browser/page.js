/**
 * The page: what the visitor sets and does goes to the worker, what it tells is shown.
 *
 * @module
 */
import { drawCurve, drawTiles } from "./charts.js";
import { openPad } from "./drawing.js";
import { advice, changeLanguage, showWords, word } from "./words.js";

const $ = (id) => document.getElementById(id);
/** Where the worker's module is: a server of sources names another than a folder of built files. */
const WORKER = document.documentElement.dataset.worker ?? "worker.js";
const RATES = { "batch-norm": 1, "relu-max": 0.05, lenet: 0.9, "lenet-max": 0.9 };

const worker = new Worker(new URL(WORKER, import.meta.url), { type: "module" });
const state = {
  /** Losses of the training that goes on. */
  losses: [],
  /** What it was told. */
  settings: null,
  isPaused: false,
  status: "opening",
  trouble: null,
  device: null,
  reference: null,
  classes: [],
  names: [],
  shown: null,
  look: null,
  answer: null,
  pixels: null,
};

/** The losses of PyTorch and Deno, where they are of the same network, seed, images and rate. */
function referenceOf() {
  const { reference, settings } = state;
  const run = reference?.runs[settings?.network];
  const isSame = run && settings.seed === reference.seed && settings.images === reference.images &&
    settings.lr === run.lr;
  return isSame ? run : null;
}

/** The largest distance between losses and those of a reference. */
function apart(losses, others) {
  const n = Math.min(losses.length, others.length);
  return losses.slice(0, n).reduce((most, loss, k) => Math.max(most, Math.abs(loss - others[k])), 0)
    .toPrecision(2);
}

function showCurve() {
  const run = referenceOf(), { losses, reference } = state, lines = [];
  if (run) {
    lines.push({ values: run.torch, name: "torch", width: 5 });
    lines.push({ values: run.deno, name: "deno", width: 3, dash: [7, 5] });
  }
  lines.push({ values: losses, name: "accent", width: 1.5 });
  drawCurve($("curve"), lines);
  $("legend").replaceChildren(...lines.map(({ name }) => {
    const item = document.createElement("li"), dot = document.createElement("i");
    dot.style.background = `var(--${name})`;
    item.append(dot, word(name === "accent" ? "here" : name));
    return item;
  }));
  const n = Math.min(losses.length, run?.torch.length ?? 0);
  $("curve-text").textContent = n > 0
    ? word("apart")(apart(losses, run.torch), apart(losses, run.deno), n)
    : reference && state.settings && !run
    ? word("other")(reference.seed, reference.images.toLocaleString())
    : "";
}

const canvases = (parent, n) => {
  while (parent.children.length < n) parent.append(document.createElement("canvas"));
  return [...parent.children].filter((child) => child instanceof HTMLCanvasElement);
};

function showLook() {
  const { look, shown, names } = state;
  if (!look || !shown) return;
  drawTiles(canvases($("filters"), 6), look.filters, 5, true);
  names.forEach((name, k) => {
    let row = $("maps").children[k];
    if (!row) {
      row = document.createElement("div");
      row.className = "garment";
      $("maps").append(row);
    }
    row.title = name;
    const [input, ...maps] = canvases(row, 7);
    drawTiles([input], shown.subarray(784 * k, 784 * (k + 1)), 28, false);
    drawTiles(maps, look.maps.subarray(6 * 784 * k, 6 * 784 * (k + 1)), 28, false);
  });
}

function showAnswer() {
  const { answer, classes } = state;
  if (!answer) return;
  const best = [...answer].map((p, k) => ({ p, name: classes[k] })).sort((a, b) => b.p - a.p).slice(0, 5);
  $("answer").replaceChildren(...best.map(({ p, name }) => {
    const item = document.createElement("li"), meter = document.createElement("meter");
    meter.value = p;
    item.append(`${name} ${(100 * p).toFixed(1)} %`, meter);
    return item;
  }));
}

function showState() {
  const { status, isPaused, trouble, device, settings } = state;
  $("state").textContent = typeof status === "string" ? word(status) : `${word(status[0])} ${status[1]}`;
  $("train").textContent = word(settings ? "again" : "train");
  $("pause").textContent = word(isPaused ? "resume" : "pause");
  if (device) $("device").textContent = `${device.name}${device.isSoftware ? `: ${word("software")}` : ""}`;
  $("trouble").hidden = !trouble;
  if (!trouble) return;
  const advised = trouble.what === "gpu"
    ? advice()
    : trouble.what === "data"
    ? word("noData")
    : word("failed");
  $("trouble").replaceChildren(...[advised, trouble.message].map((text) => {
    const p = document.createElement("p");
    p.textContent = text;
    return p;
  }));
}

function showAll() {
  showWords();
  for (const option of $("network").options) option.textContent = word(option.value);
  showState();
  showCurve();
}

const TAKES = {
  device: (device) => {
    state.device = device;
    state.status = "dataLoading";
  },
  data: ({ shown, names, classes }) => {
    Object.assign(state, { shown, names, classes, status: "ready", trouble: null });
    $("train").disabled = false;
  },
  failed: ({ what, message }) => {
    state.trouble = { what, message };
    state.status = "failed";
  },
  compiling: ({ kernel }) => state.status = ["compiling", kernel],
  steps: ({ step, losses, ms, epoch }) => {
    state.losses.push(...losses);
    state.status = "training";
    $("step").textContent = step;
    $("epoch").textContent = epoch;
    if (losses.length > 0) {
      $("loss").textContent = losses.at(-1).toFixed(3);
      $("speed").textContent = Math.round(25 * losses.length / (ms / 1000)).toLocaleString();
    }
    showCurve();
  },
  look: (look) => {
    state.look = look;
    showLook();
    if (state.pixels) worker.postMessage({ type: "classify", pixels: state.pixels });
  },
  epoch: ({ accuracy }) => $("accuracy").textContent = accuracy.toFixed(3),
  paused: () => Object.assign(state, { isPaused: true, status: "paused" }),
  resumed: () => Object.assign(state, { isPaused: false, status: "training" }),
  answer: ({ probabilities }) => {
    state.answer = probabilities;
    state.status = state.isPaused ? "paused" : "training"; // it may have been compiling
    showAnswer();
  },
};

worker.onmessage = ({ data: { type, ...rest } }) => {
  TAKES[type](rest);
  showState();
};
worker.onerror = (event) => {
  state.trouble = { what: "worker", message: event.message };
  showState();
};

function train() {
  const settings = {
    network: $("network").value,
    seed: Number($("seed").value),
    lr: Number($("rate").value),
  };
  const images = Number($("images").value);
  state.settings = { ...settings, images };
  Object.assign(state, { losses: [], isPaused: false, answer: null });
  for (const id of ["step", "epoch", "loss", "speed", "accuracy"]) $(id).textContent = "–";
  $("pause").disabled = false;
  worker.postMessage({ type: "train", settings, images });
  showState();
  showCurve();
}

function ask(pixels) {
  state.pixels = pixels;
  if (state.settings) worker.postMessage({ type: "classify", pixels });
  else $("answer").textContent = word("untrained");
}

/** Files that were dropped: a picture to classify, or those of the data set. */
function takeFiles(files, pad) {
  const picture = files.find(({ type, name }) =>
    type.startsWith("image/") || /\.(png|jpe?g|webp)$/i.test(name)
  );
  if (picture) pad.show(picture);
  else if (files.length > 0) {
    worker.postMessage({ type: "open", files: Object.fromEntries(files.map((file) => [file.name, file])) });
  }
}

function listen() {
  const pad = openPad($("pad"), ask);
  $("train").onclick = train;
  $("pause").onclick = () => worker.postMessage({ type: state.isPaused ? "resume" : "pause" });
  $("network").onchange = () => $("rate").value = RATES[$("network").value];
  $("rate").onchange = () => {
    const lr = Number($("rate").value);
    if (state.settings) state.settings.lr = lr;
    worker.postMessage({ type: "rate", lr });
    showCurve();
  };
  $("clear").onclick = () => {
    pad.clear();
    Object.assign(state, { pixels: null, answer: null });
    $("answer").replaceChildren();
  };
  $("file").onchange = () => takeFiles([...$("file").files], pad);
  document.ondragover = (event) => {
    event.preventDefault();
    $("pad").classList.add("over");
  };
  document.ondragleave = () => $("pad").classList.remove("over");
  document.ondrop = (event) => {
    event.preventDefault();
    $("pad").classList.remove("over");
    takeFiles([...event.dataTransfer.files], pad);
  };
  $("language").onclick = () => {
    changeLanguage();
    showAll();
  };
  addEventListener("resize", showCurve);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showCurve);
}

for (const name of Object.keys(RATES)) $("network").append(new Option(name, name));
$("rate").value = RATES["batch-norm"];
listen();
showAll();
worker.postMessage({ type: "open" });
state.reference = await fetch("reference.json").then((r) => r.json()).catch(() => null);
showCurve();
