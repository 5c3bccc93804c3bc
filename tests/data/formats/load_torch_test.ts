// The files of tests/fixtures/torch are PyTorch's own; make_files.py there makes them.
import { assert, assertEquals, assertThrows } from "@std/assert";
import { loadTorch, nn, noGrad, openDevice, scope, tensor } from "../../../mod.ts";
import refused from "../../fixtures/torch/refused.json" with { type: "json" };
import values from "../../fixtures/torch/values.json" with { type: "json" };
import { undisposed } from "../../support/memory.ts";
import { assertClose, assertRefuses, bitsOf } from "../../support/values.ts";
import { zip } from "../../support/zip.ts";

const device = await openDevice();

interface Described {
  shape: number[];
  values: string[];
}

function fixture(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(new URL(`../../fixtures/torch/${name}`, import.meta.url));
}

/** The numbers that Python wrote as texts. */
function numbersOf({ values }: Described): number[] {
  return values.map((text) => Number(text.replace("inf", "Infinity")));
}

/** Reads a file and compares every tensor with what PyTorch says of it. */
async function assertHolds(bytes: Uint8Array, wanted: Record<string, Described>): Promise<void> {
  using _ = scope();
  const found = loadTorch(bytes);
  assertEquals(Object.keys(found), Object.keys(wanted));
  for (const [name, t] of Object.entries(found)) {
    assertEquals(t.shape, wanted[name].shape, name);
    const want = numbersOf(wanted[name]), got = await t.data();
    if (t.dtype === "float32") assertEquals(bitsOf(got), bitsOf(want), name);
    else assertEquals(Array.from(got), want, name);
  }
}

Deno.test("a state of PyTorch is read, and a network with it computes what PyTorch does", async () => {
  using _ = scope();
  await assertHolds(await fixture("state.pt"), values.state);
  const net = new nn.Sequential(
    new nn.Conv2d(1, 2, 3),
    new nn.BatchNorm2d(2),
    new nn.ReLU(),
    new nn.Flatten(),
    new nn.Linear(18, 3),
  );
  net.loadStateDict(loadTorch(await fixture("state.pt")));
  net.eval();
  const y = noGrad(() => net.forward(tensor(numbersOf(values.x), { shape: values.x.shape })));
  assertClose(await y.data(), numbersOf(values.y), { atol: 1e-6, rtol: 1e-6 });
});

Deno.test("every element type, views of any strides and shared memory are read, of pickles old and new", async () => {
  await assertHolds(await fixture("types.pt"), values.types);
  await assertHolds(await fixture("types_protocol_4.pt"), values.types);
  const dtypes = Object.entries(loadTorch(await fixture("types.pt"))).map(([name, t]) => {
    t.dispose();
    return [name, t.dtype];
  });
  const whole = ["long", "int", "short", "char", "byte"];
  assertEquals(
    dtypes,
    dtypes.map(([name]) => [name, name === "bool" ? "bool" : whole.includes(name) ? "int32" : "float32"]),
  );
});

Deno.test("loadTorch() reads a part of a checkpoint, and names the parts where none is asked for", async () => {
  using _ = scope();
  const bytes = await fixture("checkpoint.pt");
  assertEquals(Object.keys(loadTorch(bytes, { key: "model" })), Object.keys(values.state));
  assertEquals(await loadTorch(bytes, { key: "parts/ema" }).w.toArray(), [1, 1]);
  const refuses = (options: { key?: string }, message: string) =>
    assertRefuses(() => loadTorch(bytes, options), SyntaxError, `Cannot load a PyTorch file as ${message}`);
  refuses(
    {},
    'it must hold tensors by name and nothing else: "model" is a dictionary (a part of it: { key: "model" })',
  );
  refuses(
    { key: "parts" },
    'it must hold tensors by name and nothing else: "ema" is a dictionary (a part of it: { key: "parts/ema" })',
  );
  refuses({ key: "epoch" }, "epoch must be tensors by name: 3");
  refuses({ key: "seed" }, "seed must be tensors by name: 1180591620717411303424");
  refuses(
    { key: "net" },
    'it must have a part net: it has "model", "optimizer", "parts", "epoch", "loss", "seed", "note", "classes"',
  );
});

Deno.test("what is no tensor is refused by its name, nothing is executed and nothing is left", () => {
  const before = undisposed(device);
  for (const [name, base64] of Object.entries(refused)) {
    const error = assertThrows(
      () => loadTorch(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))),
      SyntaxError,
    );
    assert(error.message.startsWith("Cannot load a PyTorch file as "), error.message);
    assert(error.message.includes(name), `${error.message} does not name ${name}`);
  }
  assertEquals(undisposed(device), before);
});

/** A file of a pickle, in Latin-1, and of a storage of 16 bytes. */
function file(
  pickle: string,
  more: readonly (readonly [string, Uint8Array])[] = [],
): Uint8Array<ArrayBuffer> {
  const storage = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
  return zip([
    ["a/data.pkl", Uint8Array.from(pickle, (c) => c.charCodeAt(0))],
    ["a/data/0", storage],
    ...more,
  ]);
}

const text = (t: string) => `X${String.fromCharCode(t.length)}\0\0\0${t}`;
/** A pickle of `{"w": tensor}`, of what is between the storage and the end of its arguments. */
const pickleOf = (shape: string, type = "FloatStorage", count = "K\x04", key = "0") =>
  `\x80\x02}${text("w")}ctorch._utils\n_rebuild_tensor_v2\n((${text("storage")}ctorch\n${type}\n${text(key)}${
    text("cpu")
  }${count}tQ${shape}\x89ccollections\nOrderedDict\n)RtRs.`;

Deno.test("files that lie are refused: places beyond a storage, bombs, damaged archives", async () => {
  const good = pickleOf("K\x00K\x04\x85K\x01\x85"), before = undisposed(device);
  using made = loadTorch(file(good)).w;
  assertEquals(await made.toArray(), [1, 2, 3, 4]);
  const refuses = (bytes: Uint8Array, message: string, type: ErrorConstructor = SyntaxError) =>
    assertRefuses(() => loadTorch(bytes), type, `Cannot load a PyTorch file as ${message}`);
  const beyond = (shape: string) => `a tensor must lie in the 4 elements of its storage: ${shape}`;
  refuses(file(pickleOf("K\x01K\x04\x85K\x01\x85")), beyond("sizes [4], strides [1], from element 1 on"));
  refuses(file(pickleOf("K\x00K\x03\x85K\x02\x85")), beyond("sizes [3], strides [2], from element 0 on"));
  refuses(
    file(pickleOf("K\x00J\xff\xff\xff\xff\x85K\x01\x85")),
    "a tensor must have a storage, an offset, sizes and strides: a tensor or its storage, 0, a list or tuple, a list or tuple",
  );
  refuses(
    file(pickleOf("K\x00K\x04\x85)")),
    "a tensor must have as many strides as sizes, at most 64: 1 sizes, 0 strides",
  );
  const bomb = pickleOf("K\x00J\0\0\0\x40J\0\0\0\x40\x86K\0K\0\x86");
  refuses(file(bomb), beyond(`sizes [${2 ** 30}, ${2 ** 30}], strides [0, 0], from element 0 on`));
  const large = pickleOf("K\x00J\0\0\0\x20\x85K\0\x85");
  refuses(
    file(large),
    `its tensors must take at most ${2 ** 30} bytes (maxBytes: another number): ${2 ** 31}`,
    RangeError,
  );
  refuses(file(pickleOf("K\x00K\x04\x85K\x01\x85", "DoubleStorage")), "data/0 takes 32 bytes: it has 16");
  refuses(
    file(pickleOf("K\x00K\x04\x85K\x01\x85", "FloatStorage", "K\x04", "7")),
    "data/7 takes 16 bytes: it is not there",
  );
  refuses(file("\x80\x02}(" + text("w")), "its pickle must be a whole one: it is cut short");
  refuses(file("\x80\x02i."), "its pickle must have codes that tensors by name need: it has 0x69 at byte 2");
  refuses(file("\x80\x02}." + "}."), "its pickle must be a whole one: it goes on after its end");
  refuses(
    file("\x80\x02cposix\nsystem\n" + text("true") + "\x85R."),
    "it must hold tensors of PyTorch, numbers and texts alone (nothing is executed): posix.system, an object of Python (of a network, torch.save(net.state_dict(), path))",
  );
  refuses(
    file("\x80\x02}" + text("a") + "K\x01s" + text("a") + "K\x01s."),
    'every name must be there once: "a" is there twice',
  );
  refuses(
    file(good, [["a/byteorder", new TextEncoder().encode("big")]]),
    "its numbers must be little-endian: byteorder is big",
  );
  refuses(
    zip([["b/x.txt", new Uint8Array()]]),
    "it must be a zip archive of PyTorch, with one data.pkl: it holds 0, and b/x.txt",
  );
  refuses(
    zip([["a/data.pkl", new Uint8Array(4)]], 8),
    "the archive's files must be stored as they are, as PyTorch does (unpack it, then zip -0 -r): a/data.pkl is packed by method 8",
  );
  refuses(
    file(good).subarray(0, 100),
    "a zip archive ends in its directory: there is none, so it is cut short",
  );
  const damaged = file(good);
  damaged[60] ^= 1;
  const error = assertThrows(() => loadTorch(damaged), SyntaxError);
  assert(
    /the checksum of a\/data.pkl must be [\da-f]+: it is [\da-f]+, so it is damaged$/.test(error.message),
    error.message,
  );
  refuses(new Uint8Array(), "the bytes must be a zip archive of PyTorch: there are none");
  assertEquals(undisposed(device), before + 1);
});
