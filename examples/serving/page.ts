/**
 * The server's page: figures that are brought up to date each second, and a picture to try. It takes nothing from elsewhere.
 *
 * @module
 */

const STYLE = /* css */ `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 44rem; padding: 1rem; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .5rem; margin: 1rem 0; }
dl div { border: 1px solid color-mix(in srgb, currentColor 30%, transparent); border-radius: .4rem; padding: .4rem .6rem; }
dt { font-size: .85rem; opacity: .8; }
dd { font-size: 1.25rem; font-variant-numeric: tabular-nums; margin: 0; }
table { border-collapse: collapse; width: 100%; }
td, th { padding: .2rem .4rem; text-align: left; }
td:nth-child(2) { font-variant-numeric: tabular-nums; text-align: right; width: 5rem; }
meter { width: 100%; }
pre { background: color-mix(in srgb, currentColor 8%, transparent); overflow-wrap: anywhere; padding: .6rem; white-space: pre-wrap; }
`;

const SCRIPT = /* js */ `
const byId = (id) => document.getElementById(id);
const ms = (v) => v < 10 ? v.toFixed(1) + " ms" : Math.round(v) + " ms";
async function refresh() {
  try {
    const { answered, refused, perSecond, latency, batches } = await (await fetch("figures")).json();
    const shown = { answered, refused, rate: perSecond.toFixed(1) + " /s", p50: ms(latency.p50), p95: ms(latency.p95),
      p99: ms(latency.p99), most: ms(latency.most), mean: batches.mean.toFixed(2), largest: batches.most,
      gpu: ms(batches.msMean) };
    for (const [id, text] of Object.entries(shown)) byId(id).textContent = text;
    byId("state").textContent = "";
  } catch {
    byId("state").textContent = "The server does not answer.";
  }
}
byId("file").addEventListener("change", async ({ target }) => {
  const [file] = target.files, answer = byId("answer");
  if (!file) return;
  const response = await fetch("classify", { method: "POST", body: file }), result = await response.json();
  answer.textContent = "";
  if (!response.ok) { answer.textContent = result.error; return; }
  const table = document.createElement("table");
  for (const { class: name, probability } of result.classes) {
    const row = table.insertRow(), meter = document.createElement("meter");
    row.insertCell().textContent = name;
    row.insertCell().textContent = probability.toFixed(3);
    meter.value = probability;
    row.insertCell().append(meter);
  }
  answer.append(file.name + (result.inverted ? " (dark on light: inverted), " : ", ") + ms(result.ms), table);
  refresh();
});
refresh();
setInterval(refresh, 1000);
`;

function figure(id: string, name: string): string {
  return `<div><dt>${name}</dt><dd id="${id}">–</dd></div>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** The page of a server, as an answer. */
export function page(title: string, example: string): Response {
  const nonce = crypto.randomUUID();
  const body = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style nonce="${nonce}">${STYLE}</style></head><body>
<h1>${escaped(title)}</h1>
<p><label>A PNG or JPEG: <input id="file" type="file" accept="image/png,image/jpeg"></label></p>
<div id="answer" role="status"></div>
<h2>Latency</h2>
<dl>${figure("p50", "half within")}${figure("p95", "95 % within")}${figure("p99", "99 % within")}${
    figure("most", "longest")
  }</dl>
<h2>Requests</h2>
<dl>${figure("answered", "answered")}${figure("refused", "refused")}${figure("rate", "last minute")}${
    figure("mean", "pictures in a batch")
  }${figure("largest", "largest batch")}${figure("gpu", "a batch takes")}</dl>
<p id="state" role="status"></p>
<pre>${escaped(example)}</pre>
<script nonce="${nonce}">${SCRIPT}</script></body></html>`;
  const policy =
    `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; ` +
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  return new Response(body, {
    headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": policy },
  });
}
