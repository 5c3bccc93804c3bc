import { assertEquals, assertLessOrEqual } from "@std/assert";
import { downloadLine, showProgress } from "../../data/_progress.ts";
import type { DownloadProgress } from "../../data/image_dataset.ts";

const half: DownloadProgress = {
  file: "images.gz",
  url: "http://127.0.0.1/images.gz",
  received: 13_000_000,
  total: 26_000_000,
  state: "running",
};

function record(isTerminal: boolean) {
  const written: string[] = [];
  const display = { isTerminal, columns: 60, write: (text: string) => void written.push(text) };
  return { written, listener: showProgress(display) };
}

Deno.test("downloadLine() draws a bar that fits the width", () => {
  assertEquals(downloadLine(half, 60), "images.gz [###############...............] 13.0 of 26.0 MB");
  assertEquals(
    downloadLine({ ...half, received: 20_000_000 }, 40),
    "images.gz [#########...] 20.0 of 26.0 MB",
  );
  assertEquals(downloadLine({ ...half, total: undefined, received: 5120 }, 60), "images.gz 0.01 MB");
  for (let columns = 0; columns < 100; columns++) {
    assertLessOrEqual(downloadLine(half, columns).length, columns);
  }
});

Deno.test("showProgress() redraws one line on a terminal and ends it", () => {
  const { written, listener } = record(true);
  listener({ ...half, received: 0 });
  listener(half); // too soon after the first to be drawn
  listener({ ...half, received: 26_000_000, state: "done" });
  assertEquals(written, [
    "\rimages.gz [..............................] 0.00 of 26.0 MB\x1b[K",
    "\rimages.gz [##############################] 26.0 of 26.0 MB\x1b[K\n",
  ]);
});

Deno.test("showProgress() says on a terminal that a transfer failed", () => {
  const { written, listener } = record(true);
  listener({ ...half, total: undefined, received: 0 });
  listener({ ...half, total: undefined, state: "failed" });
  assertEquals(written, ["\rimages.gz 0.00 MB\x1b[K", "\rimages.gz 13.0 MB\x1b[K failed\n"]);
});

Deno.test("showProgress() writes one line a file where there is no terminal", () => {
  const { written, listener } = record(false);
  listener({ ...half, received: 0 });
  listener(half);
  listener({ ...half, received: 26_000_000, state: "done" });
  listener({ ...half, file: "labels.gz", received: 0, total: undefined });
  assertEquals(written, [
    "Downloading images.gz (26.0 MB) from http://127.0.0.1/images.gz\n",
    "Downloading labels.gz from http://127.0.0.1/images.gz\n",
  ]);
});
