import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { tempFolder } from "../data/_fixtures.ts";
import { oraclePath } from "../support/oracle.ts";
import { runExample } from "../support/subprocess.ts";

const WEIGHTS = `--weights=${oraclePath("lenet_fashion_mnist.safetensors")}`;
const picture = (name: string) => `tests/fixtures/pictures/${name}`;

Deno.test("predict names what pictures show, says what it inverted, and which networks the weights fit", async () => {
  const files = ["boot.jpg", "trouser_gray.jpg"].map(picture);
  const { code, stdout, stderr } = await runExample("predict.ts", [WEIGHTS, "--top=2", ...files]);
  assertEquals([code, stderr], [0, ""]);
  const [heading, others, , ...lines] = stdout.split("\n");
  assertMatch(heading, /^LeNet, fashion-mnist, on ./);
  assertEquals(
    others,
    "the weights could also be of max pooling, LeNet with ReLU and max pooling: --network says which",
  );
  assertEquals(lines[0], `${files[0]} (84 x 112, dark on light: inverted)`);
  assertMatch(lines[3], /^Ankle boot +0\.[89]\d\d$/);
  assertEquals(lines[6], `${files[1]} (56 x 56)`);
  assertMatch(lines[9], /^Trouser +0\.99\d$/);
  assertEquals(lines.length, 12);
});

Deno.test("predict --json tells all of it, and nothing else", async () => {
  const { code, stdout } = await runExample("predict.ts", [
    WEIGHTS,
    "--json",
    "--network=LeNet",
    picture("boot.jpg"),
  ]);
  assertEquals(code, 0);
  const { network, dataset, images: [image, ...more] } = JSON.parse(stdout);
  assertEquals([network, dataset, more, image.file], ["LeNet", "fashion-mnist", [], picture("boot.jpg")]);
  assertEquals([image.width, image.height, image.inverted, image.classes.length], [84, 112, true, 3]);
  assertEquals(image.classes[0].class, "Ankle boot");
});

Deno.test("predict refuses what it cannot use in one line", async () => {
  await using folder = await tempFolder();
  const broken = `${folder.path}/broken.jpg`;
  await Deno.writeFile(broken, (await Deno.readFile(picture("boot.jpg"))).subarray(0, 900));
  const cases: [args: string[], found: string][] = [
    [[picture("boot.jpg")], "Cannot do without --weights as a trained network must be given"],
    [[WEIGHTS], "Cannot do without IMAGE as at least one must be given"],
    [
      [WEIGHTS, broken],
      `Cannot classify ${broken} as it must be a whole PNG or JPEG file: Cannot read a JPEG as`,
    ],
    [
      ["--weights=tests/fixtures/torch/state.pt", picture("boot.jpg")],
      "Cannot use the weights as they must be of a network of the study",
    ],
    [
      [`--weights=${picture("boot.jpg")}`, picture("boot.jpg")],
      "Cannot decode safetensors as the bytes must be a safetensors file: they are a JPEG picture",
    ],
  ];
  for (const [args, found] of cases) {
    const { code, stdout, stderr } = await runExample("predict.ts", args);
    assertEquals([code, stdout], [1, ""], found);
    assertStringIncludes(stderr, `error: ${found}`);
    assertEquals(stderr.trim().split("\n").length, 1);
  }
});
