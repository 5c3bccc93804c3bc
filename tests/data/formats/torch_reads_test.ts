// Files go both ways between PyTorch and us: our safetensors are read by PyTorch, and files that it writes here and now by us.
import { assertEquals } from "@std/assert";
import {
  decodeSafetensors,
  encodeSafetensors,
  loadTorch,
  nn,
  openDevice,
  scope,
  tensor,
  zeros,
} from "../../../mod.ts";
import { lenet } from "../../../examples/lenet.ts";
import { runTorch, withoutTorch as ignore } from "../../support/torch.ts";

await openDevice();

/** Reads safetensors as the format's description says, into PyTorch's tensors, and prints their bits. */
const READ = `
import json, struct, sys, torch
data = open(sys.argv[1], "rb").read()
(length,) = struct.unpack("<Q", data[:8])
header = json.loads(data[8:8 + length])
types = {"F32": torch.float32, "I32": torch.int32, "BOOL": torch.bool}
found = {}
for name, about in header.items():
    if name == "__metadata__": continue
    begin, end = (8 + length + at for at in about["data_offsets"])
    dtype, shape = types[about["dtype"]], about["shape"]
    t = torch.frombuffer(bytearray(data[begin:end]), dtype=dtype) if end > begin else torch.empty(0, dtype=dtype)
    t = t.reshape(shape)
    flat = t.reshape(-1)
    bits = flat.view(torch.int32) if dtype == torch.float32 else flat.int()
    found[name] = {"shape": list(t.shape), "dtype": str(t.dtype), "bits": bits.tolist()}
print(json.dumps(found))
`;

/** What PyTorch finds in a file. */
type Found = Record<string, { shape: number[]; dtype: string; bits: number[] }>;

async function withFile<T>(fn: (file: string) => Promise<T>): Promise<T> {
  const file = await Deno.makeTempFile({ prefix: "plunge_torch_" });
  try {
    return await fn(file);
  } finally {
    await Deno.remove(file);
  }
}

Deno.test({ name: "PyTorch reads our safetensors: every type, shape and bit", ignore }, async () => {
  using _ = scope();
  const odd = [0, -0, 1e-45, -3.4028234663852886e38, Infinity, NaN, 0.1];
  const tensors = {
    ...lenet().stateDict(),
    odd: tensor(odd),
    scalar: tensor(2.5),
    none: zeros([0, 3]),
    whole: tensor(Int32Array.of(-2147483648, 2147483647, 7)),
    truth: tensor([[true, false], [false, true]]),
  };
  const found: Found = await withFile(async (file) => {
    await Deno.writeFile(file, await encodeSafetensors(tensors));
    return JSON.parse(await runTorch(READ, file));
  });
  assertEquals(Object.keys(found).toSorted(), Object.keys(tensors).toSorted());
  for (const [name, t] of Object.entries(tensors)) {
    const data = await t.data(), bits = data instanceof Float32Array ? new Int32Array(data.buffer) : data;
    assertEquals(found[name].shape, t.shape, name);
    assertEquals(found[name].dtype, `torch.${t.dtype}`, name);
    assertEquals(found[name].bits, Array.from(bits, Number), name);
  }
});

Deno.test({ name: "a state dict that PyTorch saves here is loaded with its bits", ignore }, async () => {
  using _ = scope();
  const program = `
import sys, torch
torch.manual_seed(3)
net = torch.nn.Sequential(torch.nn.Conv2d(1, 3, 3), torch.nn.BatchNorm2d(3), torch.nn.Flatten(), torch.nn.Linear(12, 2))
torch.save(net.state_dict(), sys.argv[1])
x = torch.arange(16.).reshape(1, 1, 4, 4) / 8
net.eval()
print(",".join(repr(v) for v in net(x).flatten().tolist()))
`;
  const [bytes, said] = await withFile(async (file) => {
    const said = await runTorch(program, file);
    return [await Deno.readFile(file), said];
  });
  const net = new nn.Sequential(
    new nn.Conv2d(1, 3, 3),
    new nn.BatchNorm2d(3),
    new nn.Flatten(),
    new nn.Linear(12, 2),
  );
  net.loadStateDict(loadTorch(bytes));
  net.eval();
  const x = tensor(Float32Array.from({ length: 16 }, (_, i) => i / 8)).reshape([1, 1, 4, 4]);
  const y = await net.forward(x).data(), wanted = said.trim().split(",").map(Number);
  y.forEach((v, k) => assertEquals(Math.abs(v - wanted[k]) < 1e-6, true, `${v} is not ${wanted[k]}`));
  const again = decodeSafetensors(await encodeSafetensors(net.stateDict()));
  assertEquals(await again["3.weight"].data(), await loadTorch(bytes)["3.weight"].data());
});
