import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { openDevice, tensor, zeros } from "../../../mod.ts";
import { kernelsFor } from "../../../ops/gpu/adapter.ts";
import { runScript } from "../../support/subprocess.ts";
import { assertRefuses } from "../../support/values.ts";

const MOD = new URL("../../../mod.ts", import.meta.url).href;

/** Runs a module that may use everything of mod.ts, and gives the message of the error that ends it. */
async function messageOf(body: string, env: Record<string, string> = {}): Promise<string> {
  const script = `import * as plunge from "${MOD}";
try { ${body}; console.log("no error"); } catch (error) { console.log(error.constructor.name + ": " + error.message); }`;
  const { code, stdout, stderr } = await runScript(script, { args: ["--allow-env", "--allow-read"], env });
  assertEquals([code, stderr], [0, ""]);
  return stdout.trimEnd();
}

Deno.test("an operation before openDevice() says what to call", async () => {
  const advice = "as a device must be open: call `await openDevice()` first";
  assertEquals(await messageOf("plunge.tensor([1, 2])"), `Error: Cannot make a tensor ${advice}`);
  assertEquals(await messageOf("new plunge.nn.Linear(2, 3)"), `Error: Cannot make a tensor ${advice}`);
});

Deno.test("openDevice() without an adapter says what to install", async () => {
  // no native driver speaks this backend, so no adapter is found on any system
  const message = await messageOf("await plunge.openDevice()", { DENO_WEBGPU_BACKEND: "webgpu" });
  assertEquals(
    message,
    "Error: Cannot open a device as a WebGPU adapter must be there: none was found. " +
      "On Debian or Ubuntu install mesa-vulkan-drivers and libvulkan1 (`deno task setup` does), " +
      "elsewhere a Vulkan, Metal or Direct3D 12 driver",
  );
});

Deno.test("openDevice() without WebGPU says so", async () => {
  const hidden = 'Object.defineProperty(navigator, "gpu", { value: undefined })';
  assertEquals(
    await messageOf(`${hidden}; await plunge.openDevice()`),
    "Error: Cannot open a device as the runtime must have WebGPU: navigator.gpu is missing",
  );
});

Deno.test("openDevice() says which Deno it needs, where it is older", async () => {
  const of = (version: string) =>
    messageOf(
      `Object.defineProperty(Deno, "version", { value: { deno: "${version}" } }); await plunge.openDevice()`,
    );
  for (const version of ["2.6.10", "2.0.0", "1.46.3"]) {
    assertEquals(
      await of(version),
      `Error: Cannot open a device as Deno must be of version 2.7 or newer: it is ${version}, \`deno upgrade\` brings ` +
        "the newest",
    );
  }
  for (const version of ["2.7.0", "2.10.1", "3.0.0"]) assertEquals(await of(version), "no error", version);
});

Deno.test("importing mod.ts does nothing and needs no permission", async () => {
  const script = `import "${MOD}"; console.log("imported");`;
  const { code, stdout, stderr } = await runScript(script);
  assertEquals([code, stdout, stderr], [0, "imported\n", ""]);
});

Deno.test("openDevice() opens one device, also when it is called twice at once", async () => {
  const [a, b] = await Promise.all([openDevice(), openDevice()]);
  assertStrictEquals(a, b);
  assertStrictEquals(await openDevice({ kernels: a.kernels, fusion: true }), a);
});

Deno.test("openDevice() refuses options that the open device does not have", async () => {
  const device = await openDevice(), other = device.kernels === "cpu" ? "gpu" : "cpu";
  const message = async (options: Parameters<typeof openDevice>[0]) =>
    (await assertRejects(() => openDevice(options), Error)).message;
  assertEquals(
    await message({ kernels: other }),
    `Cannot open a device as kernels must be that of the one that is open: "${other}", it has "${device.kernels}" ` +
      "(close() it first)",
  );
  assertEquals(
    await message({ fusion: false }),
    "Cannot open a device as fusion must be that of the one that is open: false, it has true (close() it first)",
  );
  assertEquals(
    await message({ powerPreference: "low-power" }),
    'Cannot open a device as powerPreference must be that of the one that is open: "low-power", it has null ' +
      "(close() it first)",
  );
});

Deno.test("a device prints as one line", async () => {
  const device = await openDevice(), text = Deno.inspect(device);
  assertEquals(text.split("\n").length, 1);
  assert(text.includes(`Device(${device.name}, ${device.kernels} kernels, `));
});

Deno.test("Mesa's line about XDG_RUNTIME_DIR does not greet a script that may set the variable", async () => {
  const script = `import { openDevice } from "${MOD}"; await openDevice(); console.log("open");
    console.log(JSON.stringify(Deno.env.get("XDG_RUNTIME_DIR") ?? ""));`;
  for (const args of [["-A"], ["--allow-env=XDG_RUNTIME_DIR"]]) {
    const { code, stdout, stderr } = await runScript(script, { args, env: { XDG_RUNTIME_DIR: "" } });
    assertEquals([code, stdout, stderr], [0, 'open\n""\n', ""], args.join(" "));
  }
});

Deno.test("openDevice() without permission for the environment asks for none", async () => {
  const script = `import { openDevice } from "${MOD}"; await openDevice(); console.log("open");`;
  const { code, stdout, stderr } = await runScript(script, {
    args: ["--no-prompt"],
    env: { XDG_RUNTIME_DIR: "/" },
  });
  assertEquals([code, stdout, stderr], [0, "open\n", ""]);
});

Deno.test("a device tells its name, kind and limits", async () => {
  const device = await openDevice();
  assert(device.name.length > 0);
  assertEquals(device.kernels, kernelsFor(device.name));
  assert(device.limits.maxStorageBuffersPerShaderStage >= 8);
  assertEquals(device.closed, false);
});

Deno.test("Mesa's CPU adapter alone gets the kernels with large tiles", () => {
  const of = (names: string[]) => names.map(kernelsFor);
  assertEquals(of(["llvmpipe (LLVM 15.0.6, 256 bits)", "llvmpipe (LLVM 19.1.7, 512 bits)"]), ["cpu", "cpu"]);
  assertEquals(
    of(["SwiftShader Device (Subzero)", "Microsoft Basic Render Driver", "NVIDIA H200", "unknown GPU"]),
    ["gpu", "gpu", "gpu", "gpu"],
  );
});

Deno.test("memory() counts tensors, bytes in use, bytes pooled and the peak", async () => {
  const device = await openDevice();
  device.pool.trim();
  const before = device.memory();
  const t = zeros([1000]); // 4,000 bytes are in the class of 4,096
  const during = device.memory();
  assertEquals(during.tensors - before.tensors, 1);
  assertEquals(during.bytesInUse - before.bytesInUse, 4096);
  assert(during.peakBytes >= during.bytesInUse);
  t.dispose();
  const after = device.memory();
  assertEquals([after.tensors, after.bytesInUse], [before.tensors, before.bytesInUse]);
  assertEquals(after.bytesPooled, 4096);
  assertEquals(after.peakBytes, during.peakBytes);
  await device.sync();
});

Deno.test("memory() hands out a copy", async () => {
  const device = await openDevice();
  device.memory().tensors = 1e6;
  assertNotEquals(device.memory().tensors, 1e6);
});

Deno.test("profileKernels() measures each kernel", async () => {
  const device = await openDevice();
  using x = zeros([1024]);
  x.add(1).dispose();
  const rows = await device.profileKernels(() => {
    for (let i = 0; i < 3; i++) x.add(1).dispose();
  });
  assertEquals(rows.map(({ kernel, calls, share }) => ({ kernel, calls, share })), [
    { kernel: "add", calls: 3, share: device.gpu.features.has("timestamp-query") ? 1 : NaN },
  ]);
});

Deno.test("a closed device refuses work, and another can be opened", async () => {
  const device = await openDevice(), x = tensor([1, 2]);
  device.close();
  device.close();
  assertEquals(device.closed, true);
  const message = "Cannot use the GPU as its device must be open: it was closed";
  assertEquals((await assertRejects(() => x.data(), Error)).message, message);
  assertEquals((await assertRejects(() => device.sync(), Error)).message, message);
  assertThrows(() => x.add(1), Error);
  assertRefuses(
    () => tensor([1]),
    Error,
    "Cannot make a tensor as a device must be open: call `await openDevice()` first",
  );
  const next = await openDevice();
  assert(next !== device);
  assertEquals(await tensor([1, 2]).add(1).toArray(), [2, 3]);
});
