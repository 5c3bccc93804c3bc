/**
 * The page's buttons.
 *
 * @module
 */
import { byId, setText } from "./numbers.js";

/** Asks the script for something, and shows what it answers. */
export async function ask(app, path, body = {}) {
  try {
    const headers = { "content-type": "application/json" };
    const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
    setText(byId("asked"), response.ok ? app.words.asked : (await response.json()).error);
  } catch {
    setText(byId("asked"), app.words.lost);
  }
}

/** The numbers in a text. */
export function numbersIn(text) {
  return (text.match(/\d+/g) ?? []).map(Number);
}

/** Has the buttons ask. */
export function listen(app) {
  const stop = byId("stop");
  let timer;
  app.unsure = () => {
    clearTimeout(timer);
    app.isSure = false;
    stop.className = "";
    setText(stop, app.words.stop);
  };
  stop.addEventListener("click", () => {
    if (app.isSure) {
      app.unsure();
      return ask(app, "stop");
    }
    app.isSure = true;
    stop.className = "danger";
    setText(stop, app.words.stopSure);
    timer = setTimeout(app.unsure, 5000);
  });
  byId("save").addEventListener("click", () => ask(app, "checkpoint"));
  byId("half").addEventListener("click", () => ask(app, "lr", { factor: 0.5 }));
  byId("double").addEventListener("click", () => ask(app, "lr", { factor: 2 }));
  byId("rate-form").addEventListener("submit", (event) => {
    event.preventDefault();
    ask(app, "lr", { lr: Number(byId("rate-input").value.replace(",", ".")) });
  });
  byId("choose-form").addEventListener("submit", (event) => {
    event.preventDefault();
    app.choose(numbersIn(byId("places").value));
  });
  app.choose = (places) => ask(app, "choose", { places });
}

/** Shows what can be asked of a run. */
export function showControl(app, run) {
  const isUnderWay = app.canControl && run.end === null && !app.isClosed;
  byId("control").hidden = !isUnderWay;
  byId("choose-form").hidden = !isUnderWay;
  byId("save").disabled = run.begin.folder === null;
  byId("no-folder").hidden = run.begin.folder !== null;
  byId("half").setAttribute("aria-label", `${app.words.rate}: ${app.words.half}`);
  byId("double").setAttribute("aria-label", `${app.words.rate}: ${app.words.double}`);
}
