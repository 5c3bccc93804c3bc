/**
 * How the live page looks: light and dark, from phones to wide screens.
 *
 * @module
 */

/** The page's style sheet. */
export const STYLE = /* css */ `
:root {
  color-scheme: light dark; font: 15px/1.45 system-ui, "Noto Sans", "Noto Sans CJK SC", "PingFang SC", sans-serif;
  --page: light-dark(#f4f5f7, #14161a); --card: light-dark(#fff, #1d2026); --text: light-dark(#1b1e24, #e6e8ec);
  --soft: light-dark(#575f6b, #a2a9b4); --line: light-dark(#d9dde3, #343942); --accent: light-dark(#0a66b0, #6cb6f5);
  --on-accent: light-dark(#fff, #0d1b28); --danger: light-dark(#b3261e, #ff8a80); --on-danger: light-dark(#fff, #2b0805);
}
:root[data-theme="light"] { color-scheme: light; }
:root[data-theme="dark"] { color-scheme: dark; }
* { box-sizing: border-box; }
body { background: var(--page); color: var(--text); margin: 0 auto; max-width: 84rem; padding: .75rem; }
header { align-items: center; display: flex; flex-wrap: wrap; gap: .4rem 1rem; margin-bottom: .75rem; }
h1 { font-size: 1.3rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 0 0 .5rem; }
#state { border-radius: 1rem; border: 1px solid var(--line); font-size: .85rem; padding: .1rem .6rem; }
#state[data-state="training"] { border-color: var(--accent); color: var(--accent); }
#state[data-state="failed"] { border-color: var(--danger); color: var(--danger); }
.settings { display: flex; gap: .6rem; margin-left: auto; }
.settings label, .rate label { color: var(--soft); font-size: .85rem; }
main { display: grid; gap: .75rem; grid-template-columns: minmax(0, 1fr); }
section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; min-width: 0; padding: .75rem; }
@media (min-width: 62rem) {
  main { grid-template-columns: repeat(12, minmax(0, 1fr)); }
  .wide { grid-column: span 12; } .half { grid-column: span 6; } .third { grid-column: span 4; } .rest { grid-column: span 8; }
}
dl { display: grid; gap: .5rem; grid-template-columns: repeat(auto-fit, minmax(7.2rem, 1fr)); margin: 0; }
dt { color: var(--soft); font-size: .8rem; }
dd { font-size: 1.2rem; font-variant-numeric: tabular-nums; margin: 0; overflow-wrap: anywhere; }
progress { accent-color: var(--accent); display: block; height: .6rem; margin: .6rem 0 0; width: 100%; }
button, input, select { background: var(--card); border: 1px solid var(--line); border-radius: .4rem; color: inherit; font: inherit; }
button { cursor: pointer; min-height: 2.25rem; padding: .2rem .7rem; }
input, select { min-height: 2.25rem; padding: .2rem .4rem; }
button:hover:not(:disabled) { border-color: var(--accent); }
button:disabled { cursor: default; opacity: .5; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
button.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button.danger { background: var(--danger); border-color: var(--danger); color: var(--on-danger); }
.row { align-items: end; display: flex; flex-wrap: wrap; gap: .5rem; }
.rate { align-items: end; display: flex; flex-wrap: wrap; gap: .5rem; }
.rate label { display: grid; } .rate input { width: 8rem; }
.note { color: var(--soft); font-size: .85rem; margin: .3rem 0 0; overflow-wrap: anywhere; }
#banner { border-left: .35rem solid var(--accent); margin: 0 0 .75rem; }
.stack { align-content: start; display: grid; gap: .75rem; min-width: 0; }
[hidden] { display: none !important; }
#runs { display: flex; flex-wrap: wrap; gap: .4rem; }
#runs button { align-items: center; display: inline-flex; gap: .4rem; max-width: 100%; overflow-wrap: anywhere; text-align: left; }
#runs button[aria-pressed="true"] { border-color: var(--accent); box-shadow: inset 0 -2px var(--accent); }
.swatch { border-radius: 50%; flex: none; height: .7rem; width: .7rem; }
.charts { display: grid; gap: .75rem 1.25rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); }
h3 { color: var(--soft); font-size: .85rem; font-weight: normal; margin: 0; }
.chart svg { display: block; height: auto; width: 100%; }
.chart text { fill: var(--soft); font-size: 11px; }
.grid { stroke: var(--line); stroke-width: 1; }
.curve { fill: none; stroke-width: 2; stroke-linejoin: round; } .dashed { stroke-dasharray: 5 4; }
.legend { display: flex; flex-wrap: wrap; font-size: .85rem; gap: .1rem .9rem; list-style: none; margin: 0; padding: 0; }
.legend svg { height: .5rem; margin-right: .35rem; width: 1.6rem; }
.scroll { max-height: 24rem; overflow: auto; }
table { border-collapse: collapse; font-size: .87rem; font-variant-numeric: tabular-nums; width: 100%; }
th { color: var(--soft); font-weight: normal; text-align: left; }
thead th { background: var(--card); position: sticky; top: 0; }
td, th { border-bottom: 1px solid var(--line); padding: .22rem .4rem; }
.number { text-align: right; }
#layers td { white-space: nowrap; } .stack .scroll { max-height: 40rem; }
tfoot td, tfoot th { border-bottom: 0; color: var(--text); font-weight: 600; }
canvas { background: var(--line); display: block; image-rendering: pixelated; }
.maps { display: grid; gap: .35rem; }
.answers { display: flex; flex-wrap: wrap; gap: 3px; }
.answers canvas { height: 2.6rem; width: 2.6rem; }
.image { display: flex; gap: .6rem; } .image + .image { border-top: 1px solid var(--line); margin-top: .5rem; padding-top: .5rem; }
.image > figure { flex: none; margin: 0; width: 4.6rem; } .image > figure canvas { height: 4.6rem; width: 4.6rem; }
figcaption { color: var(--soft); font-size: .75rem; overflow-wrap: anywhere; }
.filters { display: flex; flex-wrap: wrap; gap: 5px; } .filters canvas { height: 3.4rem; width: 3.4rem; }
.worst { display: grid; gap: .6rem; grid-template-columns: repeat(auto-fill, minmax(6.4rem, 1fr)); }
.worst button { display: grid; gap: .25rem; justify-items: center; padding: .4rem; text-align: center; }
.worst canvas { height: 4.2rem; width: 4.2rem; } .worst span { font-size: .75rem; line-height: 1.3; overflow-wrap: anywhere; }
.matrix { table-layout: fixed; } .matrix td, .matrix th { border: 0; font-size: .75rem; padding: .2rem .1rem; text-align: center; }
.matrix td { border: 1px solid var(--card); color: var(--text); }
.matrix td.strong { color: #fff; }
.matrix th[scope="row"] { overflow: hidden; text-align: left; text-overflow: ellipsis; white-space: nowrap; }
.matrix col:first-child { width: 6.2rem; } .matrix th.corner { font-size: .68rem; text-align: left; }
#notes { font-size: .85rem; list-style: none; margin: 0; padding: 0; } #notes li { overflow-wrap: anywhere; padding: .1rem 0; }
#notes .warning { color: var(--danger); }
@media (min-width: 62rem) { .matrix td { height: 2.1rem; } }
@media (max-width: 30rem) {
  body { padding: .5rem; } section { padding: .6rem; } .settings { margin-left: 0; width: 100%; } .settings label { flex: 1; }
  .settings select { width: 100%; }
  .matrix col:first-child { width: 4.6rem; } .matrix td, .matrix th { font-size: .62rem; }
  td, th { padding: .2rem .25rem; }
  .answers canvas { height: 2.2rem; width: 2.2rem; }
}
@media (prefers-reduced-motion: no-preference) { button { transition: border-color .15s; } }
`;
