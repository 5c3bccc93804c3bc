import {
  assert,
  assertEquals,
  assertGreater,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { decode } from "npm:fast-png@8";
import { axisRange } from "../../../examples/pictures/chart.ts";
import { type Chart, renderPng, renderSvg } from "../../../examples/pictures/render.ts";

const chart: Chart = {
  title: "LeNet & <friends>",
  xLabel: "epoch",
  yLabel: "loss, accuracy",
  series: [
    { name: "train loss", points: [[1, 0.96], [2, 0.61], [3, 0.52]] },
    { name: "test acc", points: [[1, 0.65], [2, 0.74], [3, 0.79]], dashed: true },
  ],
};

function withTitle(title: string): Chart {
  return { ...chart, title };
}

/** The lines' paths, in the order of the series. */
function linePaths(svg: string): { d: string; dash: string }[] {
  return [...svg.matchAll(/<path [^>]*aria-roledescription="line mark"[^>]*>/g)].map(([path]) => ({
    d: path.match(/ d="([^"]*)"/)![1],
    dash: path.match(/stroke-dasharray="([^"]*)"/)?.[1] ?? "none",
  }));
}

/** Counts the pixels of a PNG's region that are darker than the grid. */
function darkPixels(png: Uint8Array, x: [number, number], y: [number, number]): number {
  const { data, width, channels } = decode(png);
  let count = 0;
  for (let row = y[0]; row < y[1]; row++) {
    for (let column = x[0]; column < x[1]; column++) {
      const at = (row * width + column) * channels;
      if (data[at] + data[at + 1] + data[at + 2] < 300) count++;
    }
  }
  return count;
}

Deno.test("renderSvg() names the axes, the title and every series", async () => {
  const svg = await renderSvg(chart);
  const texts = [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
  for (const text of ["epoch", "loss, accuracy", "train loss", "test acc", "LeNet &amp; &lt;friends&gt;"]) {
    assert(texts.includes(text), `${text} is not in ${texts.join(" | ")}`);
  }
  assertStringIncludes(svg, '<rect width="640" height="400" fill="white"');
});

Deno.test("renderSvg() draws every point of every series", async () => {
  const svg = await renderSvg(chart);
  for (const { name, points } of chart.series) {
    for (const [x, y] of points) {
      assertStringIncludes(svg, `aria-label="epoch: ${x}; loss, accuracy: ${y}; name: ${name}`);
    }
  }
  const long = Array.from({ length: 50 }, (_, i): [number, number] => [i / 5, Math.cos(i)]);
  const [path] = linePaths(await renderSvg({ ...chart, series: [{ name: "long", points: long }] }));
  assertEquals(path.d.match(/[ML]/g)?.length, 50);
});

Deno.test("renderSvg() dashes the series that ask for it, and gives each a colour", async () => {
  const svg = await renderSvg(chart);
  assertEquals(linePaths(svg).map(({ dash }) => dash), ["1,0", "6,4"]);
  assertStringIncludes(svg, 'stroke="#0072b2"');
  assertStringIncludes(svg, 'stroke="#d55e00"');
  const shared = await renderSvg({
    ...chart,
    series: chart.series.map((series) => ({ ...series, color: 2 })),
  });
  assertStringIncludes(shared, 'stroke="#009e73"');
  assert(!shared.includes("#d55e00"));
});

/** The labels of an axis, and how far along it the middle of each stands. */
function axisLabels(svg: string, title: string): { text: string; at: number }[] {
  const axis = svg.slice(svg.indexOf(`${title}-axis titled`)).split("role-axis-title")[0];
  const labels = axis.slice(axis.indexOf("role-axis-label"));
  return [
    ...labels.matchAll(
      /<text text-anchor="(\w+)" transform="translate\(([-\d.]+),([-\d.]+)\)"[^>]*>([^<]*)</g,
    ),
  ]
    .map(([, anchor, x, y, text]) => {
      assertEquals(anchor, title === "X" ? "middle" : "end", "beneath or beside its tick");
      return { text, at: Number(title === "X" ? x : y) };
    });
}

Deno.test("renderSvg() labels whole epochs, each beneath its tick, and round numbers", async () => {
  for (const epochs of [1, 2, 3, 10]) {
    const points = Array.from({ length: epochs }, (_, i) => [i + 1, 0.9 + 0.004 * i] as const);
    const svg = await renderSvg({ ...chart, share: true, series: [{ name: "a", points }] });
    const labels = axisLabels(svg, "X");
    assertEquals(labels.map(({ text }) => text), points.map(([x]) => `${x}`));
    const gaps = labels.slice(1).map(({ at }, i) => at - labels[i].at);
    assert(
      gaps.every((gap) => Math.abs(gap - gaps[0]) < 0.01),
      "labels are evenly spaced, as their ticks are",
    );
    assert(axisLabels(svg, "Y").every(({ text }) => Number(text) >= 0.8 && Number(text) <= 1), "0.8 to 1");
  }
  const huge = await renderSvg({ ...chart, series: [{ name: "a", points: [[1, 1.1e11], [2, 1.35e11]] }] });
  const texts = axisLabels(huge, "Y").map(({ text }) => text);
  assert(texts.includes("1.2e11") && texts.every((text) => text.length <= 7), texts.join());
});

Deno.test("renderSvg() gives curves that lie on each other their own dashes and marks, also in the legend", async () => {
  const points = [[1, 0.5], [2, 0.5]] as const;
  const series = Array.from({ length: 9 }, (_, i) => ({ name: `network ${i}`, points, dashed: i > 0 }));
  const svg = await renderSvg({ ...chart, series });
  const looks = [...svg.matchAll(/<path [^>]*aria-roledescription="line mark"[^>]*>/g)].map(([path]) =>
    `${path.match(/stroke="[^"]*"/)} ${path.match(/stroke-dasharray="[^"]*"/)}`
  );
  assertEquals(new Set(looks).size, 9);
  const marks = series.map(({ name }) =>
    svg.match(new RegExp(`name: ${name};[^>]*aria-roledescription="point"[^>]* d="([^"]*)"`))?.[1]
  );
  assertEquals(new Set(marks.slice(0, 8)).size, 8, marks.join("\n"));
  assertEquals(svg.match(/role-legend-symbol"[^>]*><path [^>]*><path [^>]*scale/g)?.length, 9);
});

Deno.test("renderSvg() leaves a gap at a value that is not finite", async () => {
  const series = [{
    name: "gap",
    points: [[1, 1], [2, 2], [3, NaN], [4, Infinity], [5, 2], [6, 1]] as const,
  }];
  const svg = await renderSvg({ ...chart, series });
  const [path] = linePaths(svg);
  assertEquals(path.d.match(/M/g)?.length, 2);
  assert(!/NaN|Infinity/.test(svg));
});

Deno.test("renderSvg() draws charts without points, and of one point", async () => {
  assertStringIncludes(await renderSvg({ ...chart, series: [] }), ">epoch<");
  const svg = await renderSvg({ ...chart, series: [{ name: "one", points: [[1, 0.5]] }] });
  assertStringIncludes(svg, 'aria-label="epoch: 1; loss, accuracy: 0.5; name: one');
});

Deno.test("renderSvg() makes room for a legend of many lines", async () => {
  const series = Array.from({ length: 16 }, (_, i) => ({
    name: `runs/experiment-${i}, test accuracy`,
    points: [[1, i], [2, i + 1]] as const,
  }));
  const svg = await renderSvg({ ...chart, series });
  assertStringIncludes(svg, 'width="640" height="700"');
  for (const { name } of series) assertStringIncludes(svg, `>${name}<`);
  const looks = [...svg.matchAll(/aria-roledescription="line mark"[^>]*/g)].map(([tag]) =>
    `${tag.match(/stroke="[^"]*"/)} ${tag.match(/stroke-dasharray="[^"]*"/)}`
  );
  assertEquals(new Set(looks.slice(0, 14)).size, 14);
});

Deno.test("renderSvg() draws charts side by side under one title and one legend", async () => {
  const losses = { ...chart, yLabel: "train loss" }, accuracies = { ...chart, yLabel: "test accuracy" };
  const svg = await renderSvg({ title: "both", charts: [losses, accuracies] }, { width: 300 });
  const texts = [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
  for (const text of ["both", "train loss", "test accuracy", "test acc"]) {
    const count = text === "train loss" ? 2 : 1; // an axis and a series
    assertEquals(texts.filter((found) => found === text).length, count, `${text} in ${texts.join(" | ")}`);
  }
  assertEquals(texts.filter((text) => text === "epoch").length, 2);
  const paths = [...svg.matchAll(/<path [^>]*aria-roledescription="line mark"[^>]*>/g)].map(([path]) =>
    `${path.match(/stroke="[^"]*"/)} ${path.match(/stroke-dasharray="[^"]*"/)}`
  );
  assertEquals(paths.slice(0, 2), paths.slice(2));
  const width = Number(svg.match(/width="(\d+)"/)![1]);
  assert(width > 560 && width < 640, `${width} pixels wide`);
});

Deno.test("renderSvg() refuses two series of one name", async () => {
  const series = [...chart.series, { name: "test acc", points: [] }];
  await assertRejects(
    () => renderSvg({ ...chart, series }),
    RangeError,
    'Cannot draw a chart as each series must have its own name: two are called "test acc"',
  );
});

Deno.test("axisRange() is never empty", () => {
  function range(points: [number, number][]): readonly [number, number] {
    return axisRange({ ...chart, series: [{ name: "one", points }] }, 1);
  }
  assertEquals(range([[1, 3], [2, -1], [3, NaN], [Infinity, 9]]), [-1, 3]);
  assertEquals(range([]), [0, 1]);
  assertEquals(range([[1, 0]]), [0, 1]);
  assertEquals(range([[1, -2]]), [-3, -1]);
  assertEquals(axisRange({ ...chart, yLim: [0, 5] }, 1), [0, 5]);
});

Deno.test("renderPng() makes a PNG of twice the size on an opaque white card", async () => {
  const png = await renderPng(chart, { width: 500, height: 300 });
  assertEquals([...png.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const { width, height, channels, data } = decode(png);
  assertEquals([width, height], [1000, 600]);
  assertEquals([...data.subarray(0, channels)], [255, 255, 255, 255]);
});

Deno.test("renderPng() writes its texts without the machine's fonts", async () => {
  const png = await renderPng(withTitle("LeNet"));
  assertGreater(darkPixels(png, [0, 1280], [0, 66]), 200, "title");
  assertGreater(darkPixels(png, [0, 60], [150, 500]), 200, "y title");
  assertGreater(darkPixels(png, [160, 1280], [730, 800]), 200, "legend");
  assertEquals(darkPixels(await renderPng(withTitle("")), [0, 1280], [0, 20]), 0);
  const other = await renderPng(withTitle("VGG"));
  assertNotEquals(darkPixels(other, [0, 1280], [0, 66]), darkPixels(png, [0, 1280], [0, 66]));
});

Deno.test("charts need no permission but to read", async () => {
  const module = new URL("../../../examples/pictures/render.ts", import.meta.url).href;
  const script = `const { renderPng } = await import(${JSON.stringify(module)});
    console.log((await renderPng(${JSON.stringify(chart)})).length);`;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-config",
      "--no-lock",
      "--no-prompt",
      "--allow-read",
      `data:text/javascript,${encodeURIComponent(script)}`,
    ],
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  assertGreater(Number(new TextDecoder().decode(stdout)), 10_000);
});
