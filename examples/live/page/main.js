/**
 * The page's state, and how it is shown.
 *
 * @module
 */
import { listen, showControl } from "./control.js";
import { runColor } from "./draw.js";
import { showActivations, showConfusion, showFilters, showWorst } from "./inside.js";
import {
  byId,
  setText,
  showCurves,
  showEpochs,
  showFigures,
  showNetwork,
  showNotes,
  stateOf,
} from "./numbers.js";
import { words } from "./words.js";
/* global applyEvent */

/** What was remembered of a setting; some browsers keep nothing. */
export function remembered(key) {
  try {
    return localStorage.getItem(`plunge-${key}`) ?? "";
  } catch {
    return "";
  }
}

/** Remembers a setting. */
export function remember(key, value) {
  try {
    localStorage.setItem(`plunge-${key}`, value);
  } catch {
    // it is chosen again next time
  }
}

/** Shows all words in a language. */
export function speak(app, lang) {
  app.lang = lang;
  app.words = words()[lang];
  document.documentElement.lang = lang;
  for (const element of document.querySelectorAll("[data-word]")) {
    setText(element, app.words[element.dataset.word]);
  }
  app.unsure();
  app.shown = {};
}

/** Shows a section when what it shows is another thing than before. */
export function refresh(app, id, value, show) {
  const { shown } = app;
  byId(id).hidden = value === null || value === undefined;
  if (byId(id).hidden || shown[id] === value) return;
  shown[id] = value;
  show();
}

/** The runs to choose from, where there are several. */
export function showRuns(app) {
  const { runs, selected } = app;
  byId("run-list").hidden = runs.length < 2;
  const key = runs.map((run) => `${run.begin.title} ${stateOf(app, run)}`).join("\n") + selected + app.lang;
  if (runs.length < 2 || app.shown.runs === key) return;
  app.shown.runs = key;
  const hadFocus = byId("runs").contains(document.activeElement);
  byId("runs").replaceChildren(...runs.map((run, index) => {
    const button = document.createElement("button"), swatch = document.createElement("span");
    button.type = "button";
    swatch.className = "swatch";
    swatch.style.backgroundColor = runColor(index);
    button.append(swatch, `${run.begin.title} (${app.words[stateOf(app, run)]})`);
    button.setAttribute("aria-pressed", `${index === selected}`);
    button.addEventListener("click", () => {
      app.selected = index;
      app.follows = index === app.runs.length - 1;
      app.shown = {};
      app.render();
    });
    return button;
  }));
  if (hadFocus) byId("runs").children[selected]?.focus();
}

/** Shows everything that has changed. */
export function render(app) {
  const run = app.runs[app.selected], state = stateOf(app, run);
  byId("waiting").hidden = run !== undefined;
  byId("state").dataset.state = state;
  setText(byId("state"), run ? app.words[state] : "");
  setText(byId("name"), run ? run.begin.title : app.words.title);
  document.title = run ? `${run.begin.title}: ${app.words[state]}` : "Plunge";
  byId("banner").hidden = !app.isLost && !app.isClosed;
  setText(byId("banner"), app.isClosed ? app.words.closed : app.words.lost);
  if (!run) return;
  showRuns(app);
  for (const id of ["figures", "curves"]) byId(id).hidden = false;
  showFigures(app, run);
  showControl(app, run);
  showCurves(app);
  refresh(app, "network", run.begin.layers.length > 0 ? run.begin : null, () => showNetwork(app, run));
  refresh(app, "epochs", run.metrics.length > 0 ? run.metrics : null, () => showEpochs(app, run));
  refresh(app, "activations", run.activations, () => showActivations(app, run));
  refresh(app, "filters", run.filters, () => showFilters(app, run));
  refresh(app, "confusion", run.tests, () => showConfusion(app, run));
  refresh(app, "worst", run.tests?.worst.length ? run.tests : null, () => showWorst(app, run, app.choose));
  byId("said").hidden = !showNotes(app, run);
}

/** Takes in what happened. */
export function follow(app) {
  const source = new EventSource("events");
  const changed = () => {
    if (app.follows) app.selected = Math.max(0, app.runs.length - 1);
    app.selected = Math.min(app.selected, Math.max(0, app.runs.length - 1));
    app.isLost = false;
    app.render();
  };
  source.addEventListener("state", ({ data }) => {
    Object.assign(app, JSON.parse(data), { shown: {} });
    changed();
  });
  source.addEventListener("message", ({ data }) => {
    const { event, run } = JSON.parse(data);
    app.runs = applyEvent(app.runs, event, run);
    if (event.kind === "begin" || event.kind === "end") app.shown = {};
    if (event.kind === "saved") setText(byId("asked"), `${app.words.saved}: ${event.file}`);
    if (event.kind === "lr") setText(byId("asked"), "");
    changed();
  });
  source.addEventListener("close", () => {
    app.isClosed = true;
    source.close();
    app.render();
  });
  source.addEventListener("error", () => {
    app.isLost = true;
    app.render();
  });
}

/** Begins. */
export function main() {
  const app = { runs: [], canControl: false, selected: 0, follows: true, shown: {}, unsure: () => {} };
  let isDue = false;
  app.render = () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      render(app);
    });
  };
  listen(app);
  const given = document.querySelector("main").dataset.lang,
    own = /^zh/.test(navigator.language) ? "zh" : "en";
  const lang = byId("lang"), theme = byId("theme");
  lang.value = remembered("lang") || given || own;
  theme.value = document.documentElement.dataset.theme = remembered("theme");
  lang.addEventListener("change", () => {
    remember("lang", lang.value);
    speak(app, lang.value);
    app.render();
  });
  theme.addEventListener("change", () => {
    remember("theme", theme.value);
    document.documentElement.dataset.theme = theme.value;
  });
  addEventListener("resize", app.render);
  speak(app, lang.value);
  app.render();
  follow(app);
}
