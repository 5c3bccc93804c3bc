import { assertEquals } from "@std/assert";
import { Meter } from "../../../examples/serving/figures.ts";

Deno.test("Meter counts answers, batches, and how long most take", () => {
  let now = 5000;
  const meter = new Meter(() => now);
  assertEquals(meter.figures(), {
    answered: 0,
    refused: 0,
    perSecond: 0,
    latency: { p50: 0, p95: 0, p99: 0, most: 0 },
    batches: { count: 0, mean: 0, most: 0, msMean: 0 },
  });
  now = 15_000;
  for (let ms = 1; ms <= 200; ms++) assertEquals(meter.answer(now - ms), ms);
  meter.refuse();
  meter.batch(2, 10);
  meter.batch(5, 30);
  const { answered, refused, perSecond, latency, batches } = meter.figures();
  assertEquals([answered, refused, perSecond], [200, 1, 20]); // in ten seconds
  assertEquals(latency, { p50: 100, p95: 190, p99: 198, most: 200 });
  assertEquals(batches, { count: 2, mean: 3.5, most: 5, msMean: 20 });
  now += 120_000;
  assertEquals(meter.figures().perSecond, 0); // of the last minute
});
