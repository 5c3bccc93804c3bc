/**
 * What the page shows of a network's inside.
 *
 * @module
 */
import { drawPicture } from "./draw.js";
import { byId, setText } from "./numbers.js";

/** A canvas with a picture, which says what it is. */
export function canvasOf(picture, palette, label) {
  const canvas = document.createElement("canvas");
  drawPicture(canvas, picture, palette);
  if (label) {
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", label);
  } else canvas.setAttribute("aria-hidden", "true");
  return canvas;
}

/** A class by its name, or its number. */
export function className(run, label) {
  return label === undefined ? "" : run.begin.classes[label] ?? `${label}`;
}

/** What the layers answer: an image a row. */
export function showActivations({ words }, run) {
  const { images, layers } = run.activations;
  byId("maps").replaceChildren(...images.map(({ place, label, picture }, i) => {
    const row = document.createElement("div"), figure = document.createElement("figure");
    const caption = document.createElement("figcaption"), maps = document.createElement("div");
    row.className = "image";
    maps.className = "maps";
    caption.textContent = [`${place}`, className(run, label)].filter(Boolean).join(" · ");
    figure.append(canvasOf(picture, "gray", caption.textContent), caption);
    for (const { path, type, channels, maps: pictures } of layers) {
      const answers = document.createElement("div"), name = document.createElement("div");
      answers.className = "answers";
      answers.append(...pictures[i].map((map) => canvasOf(map, "map")));
      name.className = "note";
      name.textContent = `${path} · ${type}: ${words.channels(pictures[i].length, channels)}`;
      maps.append(name, answers);
    }
    row.append(figure, maps);
    return row;
  }));
}

/** The filters of the first convolution. */
export function showFilters({ words }, { filters: { path, count, largest, pictures } }) {
  byId("filter-pictures").replaceChildren(
    ...pictures.map((picture, k) => canvasOf(picture, "weight", `${path} ${k}`)),
  );
  setText(byId("filters-note"), words.filtersNote(path, count, largest.toPrecision(3)));
}

/** The confusion matrix, a row a class. */
export function showConfusion({ words }, run) {
  const { matrix, tried, epoch } = run.tests, table = document.createElement("table");
  table.className = "matrix";
  const columns = document.createElement("colgroup"), head = table.createTHead().insertRow();
  columns.append(...Array.from({ length: matrix.length + 1 }, () => document.createElement("col")));
  table.prepend(columns);
  const heading = (row, text, scope, title) => {
    const made = document.createElement("th");
    made.textContent = text;
    made.scope = scope;
    if (title) made.title = title;
    row.append(made);
    return made;
  };
  heading(head, words.isRow, "col").className = "corner";
  matrix.forEach((_, k) => heading(head, `${k}`, "col", className(run, k)));
  const body = table.createTBody();
  matrix.forEach((counts, label) => {
    const row = body.insertRow(), all = counts.reduce((a, b) => a + b, 0) || 1, name = className(run, label);
    heading(row, name === `${label}` ? name : `${label} ${name}`, "row", name);
    counts.forEach((count, guess) => {
      const cell = row.insertCell(), share = count / all;
      cell.textContent = count > 0 ? `${count}` : "";
      const color = guess === label ? "0, 120, 170" : "200, 75, 0";
      cell.style.backgroundColor = count > 0 ? `rgba(${color}, ${(0.12 + 0.88 * share).toFixed(3)})` : "";
      if (share > 0.45) cell.className = "strong";
    });
  });
  byId("matrix").replaceChildren(table);
  setText(byId("confusion-note"), words.confusionNote(tried, epoch));
}

/** The worst mistakes; each is a button that shows what layers answer to it, where a run is under way. */
export function showWorst({ words, canControl }, run, choose) {
  byId("mistakes").replaceChildren(...run.tests.worst.map(({ place, label, guess, probability, picture }) => {
    const button = document.createElement("button"), text = document.createElement("span");
    const sure = `${Math.round(100 * probability)}\u00a0%`;
    button.type = "button";
    text.textContent = `${words.takenFor(className(run, label), className(run, guess))} (${sure})`;
    button.title = words.showThis(place);
    button.disabled = !canControl || run.end !== null;
    button.append(canvasOf(picture, "gray"), text);
    button.addEventListener("click", () => choose([place]));
    return button;
  }));
}
