// What the scripts explain depends on what came out.
import { assertEquals, assertStringIncludes } from "@std/assert";
import * as exercise1 from "../../examples/exercise_1_pooling.ts";
import { whatRatesDid } from "../../examples/exercise_2_tune.ts";
import * as modern from "../../examples/modern_lenet.ts";
import { describe, type Metrics } from "../../examples/runs/metrics.ts";

function run(testAcc: number, trainLoss = 0.5): Metrics[] {
  return [{ epoch: 1, trainLoss, trainAcc: testAcc, testAcc, examplesPerSec: 1, seconds: 2 }];
}

Deno.test("exercise 1 says what max pooling changed, if anything could", () => {
  const said = (average: number, max: number, loss?: number) =>
    exercise1.whatCameOut([run(average), run(max, loss)]);
  assertStringIncludes(said(0.823, 0.847), "Here max pooling made 2.4 points of test accuracy more.");
  assertStringIncludes(said(0.847, 0.823), "Here max pooling made 2.4 points of test accuracy less.");
  assertEquals(said(0.8232, 0.8233), "Here max pooling made no difference to the test accuracy.");
  assertStringIncludes(said(0.1, 0.1), "Neither has learned anything here");
  assertStringIncludes(said(0.8, 0.1), "But the one with max pooling has not learned anything here");
  assertStringIncludes(said(0.8, 0.8, NaN), "But the one with max pooling has not learned anything here");
});

Deno.test("exercise 2 praises no rate that ended where guessing does", () => {
  const slow = run(0.1, 2.303), why = "so that it needs large steps";
  const both = whatRatesDid(slow, run(0.1, 2.31));
  assertEquals(both.match(/barely learns/g)?.length, 2);
  assertEquals(both.includes(why), false);
  const fast = whatRatesDid(slow, run(0.856, 0.36));
  assertStringIncludes(fast, "At 0.9 it learns: loss 0.360, train acc 0.856, test acc 0.856. Each of its");
  assertStringIncludes(fast, why);
  assertStringIncludes(whatRatesDid(slow, run(0.1, NaN)), "At 0.9 it barely learns: loss NaN");
});

Deno.test("the closing part says how far the plain networks came", () => {
  const plain = [{ name: "LeNet", metrics: run(0.853) }, { name: "its twin", metrics: run(0.9191) }];
  assertEquals(modern.whatCameOut(run(0.919), plain).split("\n\n"), [
    "residual network: test acc 0.919 after 2 s; 90 % was reached in epoch 1, 2 s",
    "LeNet, after 1 epoch and 2 s: 6.6 points worse",
    "its twin, after 1 epoch and 2 s: as good",
  ]);
  assertStringIncludes(modern.whatCameOut(run(0.5), []), "90 % was not reached");
});

Deno.test("a loss that has grown is written with an exponent", () => {
  assertEquals(describe(run(0.1, 135475830784)[0]), "loss 1.35e11, train acc 0.100, test acc 0.100");
});
