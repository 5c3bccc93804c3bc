import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { arange, compile, format, openDevice, tensor, zeros } from "../../../../mod.ts";
import prints from "../../../fixtures/prints.json" with { type: "json" };
import { assertRefuses } from "../../../support/values.ts";

const device = await openDevice();

interface Print {
  values: (number | string)[];
  shape: number[];
  dtype: string;
  requiresGrad: boolean;
  options: Record<string, number | boolean | string>;
  text: string;
}

const NAMED: Record<string, number> = { nan: NaN, inf: Infinity, "-inf": -Infinity, "-0.0": -0 };

Deno.test("format() writes what PyTorch prints", async () => {
  const cases = prints as Print[];
  assertEquals(cases.length > 290, true);
  const texts = await Promise.all(cases.map(({ values, shape, dtype, requiresGrad, options }) => {
    const data = new Float64Array(values.map((v) => typeof v === "number" ? v : NAMED[v]));
    const x = tensor(data, { shape, dtype: dtype as "float32", requiresGrad });
    const { threshold } = options;
    return format(x, { ...options, ...threshold === "inf" && { threshold: Infinity } });
  }));
  cases.forEach(({ text }, k) => assertEquals(texts[k], text));
});

Deno.test("format() reads no more of a large tensor than lies close to what it shows", async () => {
  const x = arange(8 * 2 ** 19).reshape([8, 2 ** 19]), sizes: number[] = [];
  const { queue } = device as unknown as { queue: { read: (...args: unknown[]) => Promise<ArrayBuffer> } };
  const read = queue.read;
  queue.read = (...args) => {
    sizes.push(args[1] as number);
    return read.apply(queue, args);
  };
  try {
    const lines = (await format(x, { edgeitems: 1, sciMode: false })).split("\n");
    assertEquals(lines, [
      "tensor([[      0.,  ...,  524287.],",
      "        ...,",
      "        [3670016.,  ..., 4194303.]])",
    ]);
    assertEquals(sizes, [4, 4, 4, 4]);
    sizes.length = 0;
    await format(x.reshape([2 ** 11, 2 ** 11]));
    assertEquals(sizes.reduce((a, b) => a + b) < 2 ** 17, true);
  } finally {
    queue.read = read;
  }
});

Deno.test("print() prints it, and notebooks show it", async () => {
  const log = console.log, printed: unknown[] = [];
  console.log = (...args) => printed.push(...args);
  try {
    await tensor([[1.5], [-2]]).print({ precision: 1 });
  } finally {
    console.log = log;
  }
  assertEquals(printed, ["tensor([[ 1.5],\n        [-2.0]])"]);
  const shown = (x: unknown) =>
    (x as Record<symbol, () => Promise<unknown>>)[Symbol.for("Jupyter.display")]();
  assertEquals(await shown(tensor([1, 2])), { "text/plain": "tensor([1., 2.])" });
  const gone = zeros([2]);
  gone.dispose();
  assertEquals(await shown(gone), { "text/plain": "Tensor([2], float32, disposed)" });
  assertEquals(Deno.inspect(tensor([1, 2])), "Tensor([2], float32)");
});

Deno.test("format() refuses what it cannot show", async () => {
  await assertRejects(() => format(3 as never), TypeError, "Cannot format a tensor as x must be a tensor: 3");
  await assertRejects(
    () => format(zeros([1]), { precision: -1 }),
    RangeError,
    "Cannot format a tensor as precision must be a whole number from 0 to 50: -1",
  );
  assertRefuses(
    () => tensor([1]).format({ edgeitems: 0 }),
    RangeError,
    "Cannot format a tensor as edgeitems must be a whole number from 1 up: 0",
  );
  let message = "";
  compile((x) => {
    try {
      x.format();
    } catch (error) {
      message = `${error}`;
    }
    return x.add(1);
  })(zeros([2]));
  assertStringIncludes(message, "values are not known while a step is captured");
});
