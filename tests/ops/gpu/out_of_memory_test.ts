// What happens where the GPU's memory ends: with a device that is made to fail, and in a process that really has no more.
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import {
  compile,
  full,
  nn,
  noGrad,
  openDevice,
  optim,
  rand,
  scope,
  type Tensor,
  tensor,
  zeros,
} from "../../../mod.ts";
import { withShortMemory } from "../../support/short_memory.ts";
import { runScript } from "../../support/subprocess.ts";
import { assertRefuses } from "../../support/values.ts";

const device = await openDevice(), MIB = 2 ** 20, ELEMENTS = MIB / 4;
const ADVICE =
  "of which a loop frees its own by `using _ = scope()`. `openDevice({ trackAllocations: true })` " +
  "tells where they were made";

Deno.test("a tensor for which there is no memory is refused at once, and the same size works once others are freed", async () => {
  device.trim();
  await withShortMemory(device, 39 * MIB, async () => {
    for (let round = 0; round < 3; round++) {
      using _ = scope();
      const before = device.memory(), held: Tensor[] = [];
      const error = assertThrows(() => {
        while (held.length < 20) held.push(full([8 * ELEMENTS], held.length));
      }, RangeError);
      const { bytesInUse, tensors } = device.memory();
      assertEquals(
        error.message,
        `Cannot allocate 8.0 MiB as the GPU must have room for it: ${
          (bytesInUse / MIB).toFixed(1)
        } MiB are in use, ${tensors + 1} tensors are alive, ${ADVICE}`, // with the one that was to be made
      );
      assertEquals(held.length, 4); // a little is the kernel's own
      assertEquals(bytesInUse - before.bytesInUse, 32 * MIB);
      for (const [k, t] of held.entries()) assertEquals(await t.mean().item(), k);
      for (const t of held) t.dispose();
      assertEquals(device.memory().bytesInUse - before.bytesInUse, 256 * held.length); // the means
      using again = full([8 * ELEMENTS], 7);
      assertEquals(await again.mean().item(), 7);
    }
  });
  await device.sync(); // nothing is left to be told
});

Deno.test("what waits in the pool makes way for another size", async () => {
  device.trim();
  await withShortMemory(device, 20 * MIB, async () => {
    for (const size of [5, 12, 3, 15, 2, 14]) {
      using x = full([size * ELEMENTS], size);
      assertEquals(await x.amax().item(), size);
    }
  });
});

Deno.test("uploads and reads for which there is no memory are refused, and leave the values as they were", async () => {
  device.trim();
  using x = rand([10 * ELEMENTS]);
  const before = await x.data();
  await withShortMemory(device, 15 * MIB, async () => {
    using held = full([8 * ELEMENTS], 2);
    const message = /^Cannot allocate 1?[0-9].0 MiB as the GPU must have room for it: /;
    assertMatch((await assertRejects(() => x.data(), RangeError)).message, message);
    assertMatch(assertThrows(() => tensor(new Float32Array(10 * ELEMENTS)), RangeError).message, message);
    assertEquals(await held.amin().item(), 2);
  });
  assertEquals(await x.data(), before);
  using copy = tensor(before);
  assertEquals(await copy.data(), before);
});

Deno.test("a training that runs out of memory goes on with a smaller batch, with the bits of one that never did", async () => {
  const train = async (batches: number[]) => {
    using _ = scope();
    const net = new nn.Sequential(new nn.Linear(64, 256), new nn.ReLU(), new nn.Linear(256, 8));
    noGrad(() => {
      for (const p of net.parameters()) {
        p.copy(tensor(Float32Array.from({ length: p.size }, (_, k) => Math.sin(k)), { shape: p.shape }));
      }
    });
    const opt = new optim.Adam(net.parameters());
    for (const batch of batches) {
      using _ = scope();
      const step = () => {
        opt.zeroGrad();
        net.forward(full([batch, 64], 0.01)).square().mean().backward();
      };
      if (batch > 1000) assertThrows(step, RangeError, "Cannot allocate ");
      else {
        step();
        opt.step();
      }
    }
    const values = await Promise.all(net.parameters().map((p) => p.data()));
    opt.dispose();
    net.dispose();
    return values;
  };
  const wanted = await train([16, 8, 16]);
  device.trim();
  await withShortMemory(
    device,
    12 * MIB,
    async () => assertEquals(await train([16, 20_000, 8, 50_000, 16]), wanted),
  );
});

Deno.test("a captured step that finds no memory can be run again, and holds nothing when it is disposed of", async () => {
  device.trim();
  const before = device.memory().bytesInUse;
  const step = compile((x: Tensor) => x.matmul(x).exp().sum({ dim: 0 }).mul(2));
  {
    using small = full([16, 16], 0.01), large = full([1024, 1024], 0.01);
    await withShortMemory(device, 3 * MIB, () => {
      assertThrows(() => step(large), RangeError, "Cannot allocate ");
      assertThrows(() => step(large), RangeError, "Cannot allocate ");
    });
    using y = step(small), z = step(large);
    assertEquals([(await y.data()).length, (await z.data()).length], [16, 1024]);
  }
  step.dispose();
  assertEquals(device.memory().bytesInUse, before);
});

Deno.test("an embedding that no adapter holds says so, before anything of its size is made", () => {
  const most = Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize);
  assertRefuses(
    () => new nn.Embedding(1e9, 64),
    RangeError,
    `Cannot allocate a tensor as this adapter binds at most ${most} bytes: ${4 * 64e9} bytes`,
  );
});

const SCRIPT = `
import { full, openDevice } from "${new URL("../../../mod.ts", import.meta.url).href}";
const device = await openDevice({ trackAllocations: true });
await full([1], 1).mean().item();
const size = 1024 * Number(/VmSize:\\s+(\\d+)/.exec(Deno.readTextFileSync("/proc/self/status"))[1]);
const { success } = await new Deno.Command("prlimit", { args: ["--pid", String(Deno.pid), "--as=" + (size + 700e6)] }).output();
if (!success) throw new Error("prlimit failed");
function fill(round) {
  const held = [];
  try {
    for (let k = 0; k < 12; k++) held.push(full([25 * 2 ** 20], round + k));
    console.log("there was memory for all");
  } catch (error) {
    console.log(error.message);
  }
  return held;
}
for (let round = 0; round < 3; round++) {
  const held = fill(round), values = [];
  for (const t of held) values.push(await t.amax().item());
  console.log(values.every((v, k) => v === round + k), held.length >= 3);
  for (const t of held) t.dispose();
  using again = full([25 * 2 ** 20], 5);
  console.log(await again.amin().item());
}
await device.sync();
`;

Deno.test("a process whose memory ends says what holds it, and goes on", async () => {
  if (!device.isSoftware) return assert(zeros([1]).size === 1); // a GPU's own memory has no such limit
  const { code, stdout, stderr } = await runScript(SCRIPT, {
    args: ["-A", "--no-check"],
    env: { XDG_RUNTIME_DIR: "/" },
  });
  assertEquals([code, stderr], [0, ""]);
  const lines = stdout.trimEnd().split("\n").filter((line) => !/^ {2}\d+(\.\d)? (bytes|KiB)/.test(line));
  assertEquals(lines.length, 12, stdout);
  for (let k = 0; k < 12; k += 4) {
    assertMatch(
      lines[k],
      /^Cannot allocate 100.0 MiB as the GPU must have room for it: \d+.0 MiB are in use, /,
    );
    assertMatch(lines[k + 1], /^ {2}[3-6]00.0 MiB in [3-6] pieces made at fill \(file:.*script.ts:11:44\)$/);
    assertEquals(lines.slice(k + 2, k + 4), ["true true", "5"]);
  }
});
