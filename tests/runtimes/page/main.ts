/**
 * The page that takes one module of tests after the other from its server, and tells it what came of each.
 *
 * @module
 */

/** One module after the other, until there is none; several of these run beside one another. */
async function lane(): Promise<void> {
  for (;;) {
    const { file, seconds } = await (await fetch("/next", { method: "POST" })).json();
    if (!file) return;
    const result = await runInWorker(file, seconds);
    await fetch("/done", { method: "POST", body: JSON.stringify({ file, ...result }) });
  }
}

/** Runs a module of tests in a worker, for so many seconds at most. */
function runInWorker(file: string, seconds: number): Promise<object> {
  const worker = new Worker("/build/tests/runtimes/page/worker.js", { type: "module" });
  return new Promise((resolve) => {
    const end = (result: object) => {
      clearTimeout(late);
      worker.terminate();
      resolve(result);
    };
    const late = setTimeout(
      () => end({ outcomes: [], failure: `it took over ${seconds} s` }),
      1000 * seconds,
    );
    worker.onmessage = ({ data }) => end(data);
    worker.onerror = (event) => end({ outcomes: [], failure: event.message || "the worker did not start" });
    worker.postMessage({ url: `/build/${file.replace(/\.ts$/, ".js")}` });
  });
}

const lanes = Number(new URLSearchParams(location.search).get("lanes") ?? 1);
await Promise.all(Array.from({ length: lanes }, lane));
await fetch("/end", { method: "POST" });
