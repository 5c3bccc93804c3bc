import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { openDevice } from "../../mod.ts";
import { measureStep } from "./bench.ts";
import { NETWORKS, parametersOf, startingPoint } from "./networks.ts";
import { stepFlops, training } from "./ours.ts";
import { ENTRANTS } from "./peers/contenders.ts";
import { linesOf } from "./peers/protocol.ts";
import { speedTable } from "./peers/report.ts";
import { disagreement, type Outcome } from "./peers/tournament.ts";
import { figure, markdownTable, percent, ratio, replaceBetween, textTable } from "./tables.ts";
import { median, spread, stepsFor } from "./timing.ts";

const TINY = { ...NETWORKS["lenet-max"], batch: 4 };

Deno.test("measureStep() measures a round of a training step", async () => {
  const device = await openDevice();
  const measured = await measureStep(device, TINY, "compiled", { rounds: 1, seconds: 0.01 });
  assertEquals([measured.mode, measured.batch], ["compiled", 4]);
  assert(measured.ms > 0 && Number.isFinite(measured.ms), `${measured.ms} ms`);
  assertAlmostEquals(measured.examplesPerSecond * measured.ms, 4000, 1e-6);
});

Deno.test("training() learns the same batch, the same way in both modes", async () => {
  const device = await openDevice(), all: number[][] = [];
  for (const mode of ["eager", "compiled"] as const) {
    const trained = training(device, TINY, mode, 0.1), losses: number[] = [];
    for (let i = 0; i < 4; i++) {
      trained.step();
      losses.push(await trained.loss());
    }
    trained.dispose();
    all.push(losses);
  }
  assertLess(all[0][3], all[0][0]);
  all[0].forEach((loss, i) => assertAlmostEquals(all[1][i], loss, 1e-5));
});

Deno.test("networks are those of the study", () => {
  // sum(p.numel() for p in net.parameters()) in PyTorch
  const counts = Object.values(NETWORKS).map((network) => startingPoint(network).parameters.length);
  assertEquals(counts, [61706, 61706, 51370, 63654, 51370, 6944778, 6976394, 42938]);
  assertEquals(parametersOf(NETWORKS.lenet.layers).slice(0, 2).map(({ shape }) => shape), [[6, 1, 5, 5], [
    6,
  ]]);
  assertEquals(stepFlops(NETWORKS.lenet), 579_563_520);
});

Deno.test("startingPoint() begins batch norm as 1 and 0, and all else within its bound", () => {
  const { parameters } = startingPoint(NETWORKS.residual);
  assertEquals([...parameters.subarray(144, 177)], [
    ...Array(16).fill(1),
    ...Array(16).fill(0),
    parameters[176],
  ]);
  assertLess(Math.max(...parameters.subarray(0, 144)), Math.sqrt(3 / 9));
});

Deno.test("median(), spread() and stepsFor() do as they say", () => {
  assertEquals([median([3, 1, 2]), median([4, 1, 3, 2]), median([])], [2, 2.5, NaN]);
  assertEquals(spread([9, 10, 12]), 0.2);
  assertEquals([stepsFor(2, 0.017), stepsFor(0.1, 5), stepsFor(1, 0)], [118, 1, 10_000]);
});

Deno.test("figure(), ratio() and percent() keep three digits", () => {
  const figures = [12345, 945.4, 16.94, 1.234, 0.8123, 0.01234, 0, NaN].map(figure);
  assertEquals(figures, ["12,300", "945", "16.9", "1.23", "0.812", "0.0123", "0", ""]);
  assertEquals([ratio(12000, 945), ratio(1, 2)], ["12.7×", "0.500×"]);
  assertEquals([percent(0.123), percent(0.0034), percent(0)], ["12%", "0.34%", "0%"]);
});

Deno.test("markdownTable() is laid out as deno fmt does", () => {
  assertEquals(
    markdownTable({ head: ["network", "a", "jax-js"], rows: [["LeNet", "1", "945 (12.7×)"]] }),
    [
      "| network |   a |      jax-js |",
      "| ------- | --: | ----------: |",
      "| LeNet   |   1 | 945 (12.7×) |",
    ].join("\n"),
  );
  assertEquals(textTable({ head: ["x", "ms"], rows: [["conv2d", "1.5"]] }), "x        ms\nconv2d  1.5");
});

Deno.test("replaceBetween() replaces what stands between the markers and refuses a page without them", () => {
  const page = "a\n\n<!-- t:begin -->\n\nold\n\n<!-- t:end -->\n\nb\n", replaced = page.replace("old", "new");
  assertEquals(replaceBetween(page, "t", "new\n"), replaced);
  assertEquals(replaceBetween(replaced, "t", "new"), replaced);
  for (const broken of ["a", "<!-- t:end --><!-- t:begin -->", page + page]) {
    assertThrows(
      () => replaceBetween(broken, "t", "new"),
      SyntaxError,
      "Cannot write into the page as it must have <!-- t:begin --> and then <!-- t:end -->, once each",
    );
  }
});

function outcome(i: number, rounds: number[], losses: number[], failure?: string): Outcome {
  const ready = { version: "1", adapter: "a", firstStep: 1, losses };
  return { entrant: ENTRANTS[i], rounds, ready, failure };
}

Deno.test("speedTable() compares everybody with us, in words where somebody fails", () => {
  const outcomes = [
    outcome(0, [0.02, 0.03, 0.01], [2.3]),
    outcome(2, [0.2], [2.3]),
    outcome(3, [], [2.3], "no answer within 300 s"),
    outcome(4, [0.1], [2.3], "it ended: error: lost"),
  ];
  assertEquals(speedTable([{ network: NETWORKS.lenet, outcomes }]), {
    head: ["network", "batch", "Plunge, compiled", "jax-js", "tfjs", "PyTorch, 1 thread"],
    rows: [["LeNet", "256", "12,800", "1,280 (10.0×)", "too slow", "crashes"]],
  });
});

Deno.test("disagreement() is the largest relative distance of losses", () => {
  assertAlmostEquals(disagreement(outcome(0, [], [2, 4]), outcome(2, [], [2.02, 4.4])), 0.1, 1e-12);
  assertEquals(disagreement(outcome(0, [], [2, 4]), outcome(2, [], [2, 4])), 0);
});

Deno.test("linesOf() puts lines together from pieces of bytes", async () => {
  const bytes = ["one\ntw", "o\n\nthree"].map((text) => new TextEncoder().encode(text));
  assertEquals(await Array.fromAsync(linesOf(ReadableStream.from(bytes))), ["one", "two", "", "three"]);
});
