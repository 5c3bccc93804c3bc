/**
 * The live page. It takes nothing from elsewhere: its style, its words and its script are in it.
 *
 * @module
 */
import * as control from "./page/control.js";
import * as draw from "./page/draw.js";
import * as inside from "./page/inside.js";
import * as main from "./page/main.js";
import * as numbers from "./page/numbers.js";
import * as words from "./page/words.js";
import { applyEvent } from "./run_view.ts";
import { STYLE } from "./style.ts";

/** The page's script: the functions of its modules, one after the other. */
export const SCRIPT: string = [
  ...[words, draw, numbers, inside, control, main].flatMap((module) => Object.values(module).map(String)),
  String(applyEvent),
  "main();",
].join("\n");

const CHARTS = `<div class="charts">
<div><h3 data-word="loss"></h3><div class="chart" id="loss-chart"></div><ul class="legend" id="loss-legend"></ul></div>
<div><h3><span data-word="trainAcc"></span>, <span data-word="testAcc"></span></h3><div class="chart" id="acc-chart"></div>
<ul class="legend" id="acc-legend"></ul></div></div>`;

const CONTROL = `<div class="row"><button type="button" id="stop"></button>
<button type="button" id="save" data-word="checkpoint"></button>
<form class="rate" id="rate-form"><label><span data-word="newRate"></span><input id="rate-input" inputmode="decimal" autocomplete="off"
required></label><button class="main" data-word="set"></button>
<button type="button" id="half">÷ 2</button><button type="button" id="double">× 2</button></form></div>
<p class="note" id="asked" role="status"></p><p class="note" id="no-folder" data-word="noFolder"></p>`;

const ACTIVATIONS = `<form class="row" id="choose-form"><label><span data-word="places"></span>
<input id="places" inputmode="numeric" autocomplete="off" size="14"></label><button data-word="show"></button></form>
<p class="note" data-word="activationsNote"></p><div id="maps"></div>`;

const FIGURES = [
  ["epoch", "epoch"],
  ["done", "progress"],
  ["speed", "speed"],
  ["left", "left"],
  ["rate", "rate"],
  ["loss", "loss"],
  ["train-acc", "trainAcc"],
  ["test-acc", "testAcc"],
].map(([id, word]) => `<div><dt data-word="${word}"></dt><dd id="${id}">–</dd></div>`).join("");

const NOW =
  `<dl>${FIGURES}</dl><progress id="bar" max="1" value="0"></progress><p class="note" id="device"></p>`;
const CONFUSION = `<p class="note" id="confusion-note"></p><div id="matrix"></div>`;
const WORST = `<p class="note" data-word="worstNote"></p><div class="worst" id="mistakes"></div>`;
const FILTERS = `<div class="filters" id="filter-pictures"></div><p class="note" id="filters-note"></p>`;

/** A part of the page, which is hidden until there is something in it. */
function section(id: string, size: string, word: string, content: string): string {
  return `<section id="${id}" class="${size}" aria-labelledby="${id}-name" hidden>
<h2 id="${id}-name" data-word="${word}"></h2>${content}</section>`;
}

function select(id: string, word: string, options: string): string {
  return `<label><span data-word="${word}"></span> <select id="${id}">${options}</select></label>`;
}

const LANGUAGES = `<option value="en">English</option><option value="zh">中文</option>`;
const THEMES = `<option value="" data-word="auto"></option><option value="light" data-word="light"></option>
<option value="dark" data-word="dark"></option>`;

function body(lang: string): string {
  return `<header><h1 id="name" data-word="title"></h1><span id="state" role="status"></span>
<div class="settings">${select("lang", "language", LANGUAGES)}${
    select("theme", "theme", THEMES)
  }</div></header>
<section id="banner" role="alert" hidden></section>
<main data-lang="${lang}"><section class="wide" id="waiting"><p data-word="waiting"></p></section>
${section("run-list", "wide", "runs", '<div id="runs"></div>')}
${section("figures", "wide", "now", NOW)}
${section("control", "wide", "control", CONTROL)}
${section("curves", "wide", "curves", CHARTS)}
${section("confusion", "half", "confusion", CONFUSION)}
${section("worst", "half", "worst", WORST)}
${section("activations", "rest", "activations", ACTIVATIONS)}
<div class="third stack">${section("filters", "", "filters", FILTERS)}
${section("network", "", "network", '<div class="scroll" tabindex="0" id="layers"></div>')}</div>
${section("epochs", "half", "epochs", '<div class="scroll" tabindex="0" id="epoch-table"></div>')}
${section("said", "half", "said", '<ul id="notes" class="scroll" tabindex="0"></ul>')}</main>`;
}

/** The page, as an answer. */
export function page(lang = ""): Response {
  const nonce = crypto.randomUUID();
  const text = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Plunge</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style nonce="${nonce}">${STYLE}</style></head><body>${body(lang === "zh" ? "zh" : lang === "en" ? "en" : "")}
<script nonce="${nonce}">${SCRIPT}</script></body></html>`;
  const policy =
    `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; ` +
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  return new Response(text, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": policy,
    },
  });
}
