import { assert, assertEquals, assertMatch } from "@std/assert";
import { modulesIn, readSource } from "../../support/imports.ts";
import { translations } from "../../../examples/words/_translations.ts";
import {
  CHINESE,
  list,
  paragraph,
  say,
  sayName,
  type Sentence,
  speaking,
} from "../../../examples/words/words.ts";

const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

Deno.test("every sentence has a Chinese one with the same places", () => {
  const entries = Object.entries(CHINESE);
  assert(entries.length > 150, `${entries.length} sentences are too few`);
  for (const [english, chinese] of entries) {
    assertEquals(places(chinese), places(english), english);
    assertMatch(chinese, /[\p{Script=Han}（：，]/u, english);
    assertEquals(/\p{Script=Han}/u.test(english), false, english);
  }
});

Deno.test("what has no translation, or one with other places, does not compile", () => {
  // @ts-expect-error no table has it
  const unknown: Sentence = "there is no such sentence";
  translations({
    // @ts-expect-error the translation has lost its place
    "epoch {n}": "轮次",
  });
  // @ts-expect-error a place is left empty
  const empty = () => say("epoch {n}/{epochs}", { n: 1 });
  // @ts-expect-error there are places to be filled
  const unfilled = () => say("training on {device}");
  assertEquals([typeof unknown, typeof empty, typeof unfilled], ["string", "function", "function"]);
});

Deno.test("say() speaks the language that was chosen, and sayName() leaves what it does not know", () => {
  const all = () => [
    say("epoch {n}/{epochs}", { n: 2, epochs: 10 }),
    sayName("Ankle boot"),
    sayName("runs/other"),
    list(["a", "b"]),
    paragraph("1.", "2."),
  ];
  assertEquals(all(), ["epoch 2/10", "Ankle boot", "runs/other", "a, b", "1. 2."]);
  assertEquals(speaking("zh", all), ["第 2/10 轮", "短靴", "runs/other", "a、b", "1.2."]);
  assertEquals(all()[0], "epoch 2/10");
});

Deno.test("every sentence is said somewhere", async () => {
  const paths = (await Promise.all(["examples", "data"].map(modulesIn))).flat();
  const others = paths.filter((path) => !path.startsWith("examples/words/"));
  const sources = (await Promise.all(others.map(readSource))).join("\n");
  const made = ["improved LeNet on mnist", "improved LeNet on fashion-mnist"]; // of the data set's name
  const unsaid = Object.keys(CHINESE).filter((sentence) =>
    !made.includes(sentence) && !sources.includes(`"${sentence}"`)
  );
  assertEquals(unsaid, []);
});
