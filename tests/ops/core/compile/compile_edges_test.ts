// Where capturing, fusing and planning could go wrong: what is shared, written in place, looked at from two sides,
// of no size, of another type, or interrupted.
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  cat,
  checkpoint,
  compile,
  defineOperation,
  grad,
  manualSeed,
  nn,
  noGrad,
  ones,
  openDevice,
  optim,
  pad,
  setRngState,
  type Tensor,
  tensor,
  zeros,
} from "../../../../mod.ts";
import { assertClose, assertRefuses, noiseTensor } from "../../../support/values.ts";

await openDevice();

const fixed = (shape: number[], seed = 1) => noiseTensor(shape, { seed, requiresGrad: false });
const [W4, W5, KERNEL] = [fixed([4, 4], 2), fixed([5, 5], 2), fixed([4, 1, 3, 3], 2)];

/** Steps that must give the same as written and compiled, three times over. What they begin with is made anew. */
const STEPS: readonly [name: string, make: () => (...inputs: Tensor[]) => Tensor[], inputs: Tensor[]][] = [
  ["a product written over its own operand", () => {
    const state = fixed([4, 4]);
    return () => [state.copy(state.matmul(W4)).add(0)];
  }, []],
  ["a convolution written over its own input", () => {
    const state = fixed([1, 1, 6, 6]), kernel = fixed([1, 1, 3, 3], 2);
    return () => [state.copy(state.conv2d(kernel, { padding: 1 })).add(0)];
  }, []],
  ["a sum written over its own input", () => {
    const state = tensor([0.5]);
    return () => [state.copy(state.sum().add(1)).add(0)];
  }, []],
  ["pooling of another view of a convolution", () => (x) => {
    const y = x.conv2d(KERNEL, { padding: 1 }), z = x.conv2d(KERNEL, { padding: 1 }).relu();
    return [
      y.reshape([2, 4, 4, 9]).maxPool2d({ kernelSize: 2 }),
      z.reshape([2, 4, 4, 9]).avgPool2d({ kernelSize: 2 }),
      z.reshape([4, 2, 6, 6]).maxPool2d({ kernelSize: 2 }),
    ];
  }, [fixed([2, 1, 6, 6])]],
  ["work that is a part of something larger", () => (x) => {
    const kernel = fixed([1, 1, 3, 3], 3), y = () => x.conv2d(kernel, { padding: 1 });
    return [
      pad(y().reshape([25]), [0, 3], { value: 7 }),
      cat([y(), x]),
      cat([x, y()]),
      cat([x.matmul(W5).relu(), x, x]),
      pad(x.sum({ dim: [0, 1, 2] }), [0, 2], { value: 3 }),
      pad(x.exp().reshape([25]), [0, 5]),
    ];
  }, [fixed([1, 1, 5, 5])]],
  ["one tensor walked in many ways", () => (x) => {
    let sum = x.add(x.transpose(0, 1)).sub(x.flip(0)).add(x.flip(1));
    for (let k = 0; k < 6; k++) {
      const row = x.slice({ dim: 0, start: k, end: k + 1 }),
        column = x.slice({ dim: 1, start: k, end: k + 1 });
      sum = sum.add(row).mul(column);
    }
    return [sum];
  }, [fixed([6, 6])]],
  ["more numbers than a dispatch has room for", () => (x) => {
    let [a, b] = [x, x.matmul(W4)];
    for (let k = 0; k < 45; k++) [a, b] = [a, b].map((t) => t.clamp({ min: -1 - k / 10, max: 1 + k / 10 }));
    return [a, b];
  }, [fixed([4, 4])]],
  ["integers and booleans between", () => (x) => {
    const y = x.matmul(W5), i = y.mul(5).to("int32"), b = y.gt(0);
    return [
      y,
      b,
      b.to("float32").mul(y),
      i.add(b).mul(2),
      b.logicalAnd(i.ne(0)).to("float32").mul(x),
      i.sum(),
      b.sum({ dim: 0 }).add(1),
      i.div(2),
      i.eq(2).logicalNot().to("int32").mul(i),
      x.sum({ dim: 1 }).to("int32"),
      y.argmax({ dim: 1 }).oneHot({ numClasses: 5 }).mul(3),
      y.amax({ dim: 1 }).isnan(),
    ];
  }, [fixed([5, 5])]],
  ["kernels that bring functions of their own", () => (x) => [
    x.logsumexp({ dim: 1 }).exp(),
    x.norm().exp().log(),
    x.std({ dim: 0 }).tanh(),
    x.prod({ dim: 1 }).sigmoid(),
    x.maxPool2d({ kernelSize: 2 }).isnan().any(),
    x.softmax({ dim: 1 }).log(),
  ], [fixed([1, 5, 5, 5])]],
  [
    "values of no size",
    () => (x) => [x.add(1), x.sum(), x.relu().exp(), cat([x, x]), x.matmul(zeros([3, 2]))],
    [
      zeros([0, 3]),
    ],
  ],
  ["one weight used twice", () => {
    const [w, kernel] = [noiseTensor([4, 4], { seed: 3 }), noiseTensor([2, 2, 3, 3], { seed: 5 })];
    return (x, image) => {
      w.clearGrad();
      kernel.clearGrad();
      x.matmul(w).relu().matmul(w).add(x).mul(x.matmul(w)).sum().backward();
      image.conv2d(kernel, { padding: 1 }).relu().conv2d(kernel, { padding: 1 }).add(image).sum().backward();
      return [w.grad!, kernel.grad!];
    };
  }, [fixed([3, 4]), fixed([2, 2, 5, 5])]],
  ["grad(), retainGraph and retainGrad", () => (x) => {
    const a = x.detach();
    a.requiresGrad = true;
    const h = a.mul(a).tanh().retainGrad(), y = h.mul(h).sum();
    const gradients = grad(y, [a, h], { retainGraph: true });
    y.backward();
    return [...gradients, a.grad!, h.grad!];
  }, [fixed([5])]],
  ["an operation of one's own", () => {
    const cube = defineOperation({
      name: "cube",
      inputs: ["x"],
      forward: "x * x * x",
      gradient: { x: "3.0 * dy * x * x" },
    });
    const w = noiseTensor([4, 4], { seed: 7 });
    return (x) => {
      w.clearGrad();
      const y = cube(x.matmul(w)).relu();
      y.sum().backward();
      return [y, w.grad!];
    };
  }, [fixed([3, 4])]],
  ["a checkpoint with dropout", () => {
    manualSeed(4);
    const block = new nn.Sequential(new nn.Linear(4, 8), new nn.Dropout(), new nn.Linear(8, 4));
    return (x) => {
      block.zeroGrad();
      const y = checkpoint((x) => block.forward(x), x);
      y.square().sum().backward();
      return [y.detach(), ...block.parameters().map((p) => p.grad!)];
    };
  }, [fixed([5, 4])]],
  ["hooks on a result", () => {
    const w = noiseTensor([3]);
    return (x) => {
      w.clearGrad();
      const h = w.mul(x);
      h.registerHook((g) => g.mul(2));
      h.sum().backward();
      return [w.grad!];
    };
  }, [fixed([3], 2)]],
  ["parameters frozen for a while, and a layer in another mode", () => {
    manualSeed(6);
    const [first, second, norm] = [new nn.Linear(2, 3), new nn.Linear(3, 1), new nn.BatchNorm1d(3)];
    return (x) => {
      first.zeroGrad();
      norm.zeroGrad();
      second.requiresGrad(false);
      norm.eval();
      second.forward(norm.forward(first.forward(x))).sum().backward();
      second.requiresGrad(true);
      norm.train();
      norm.forward(first.forward(x));
      return [first.weight.grad!, norm.runningMean!.add(0), norm.runningVar!.add(0)];
    };
  }, [fixed([4, 2])]],
  ["a tensor of numbers that is changed", () => (x) => {
    const sum = tensor([1, 2]);
    sum.copy(sum.add(x));
    return [sum.add(0), tensor([5]).fill(3)];
  }, [fixed([2])]],
];

for (const [name, make, inputs] of STEPS) {
  Deno.test(`compile() keeps ${name}`, async () => {
    const plain = make(), compiled = compile(make());
    const run = async (step: typeof plain, seed: number) => {
      manualSeed(seed);
      return await Promise.all(step(...inputs).map(async (t) => ({ ...t, data: await t.data() })));
    };
    for (let call = 0; call < 3; call++) {
      const wanted = await run(plain, call), got = await run(compiled as typeof plain, call);
      wanted.forEach(({ shape, dtype, data }, k) => {
        assertEquals([got[k].shape, got[k].dtype], [shape, dtype]);
        assertClose(got[k].data, data, { atol: 1e-6, rtol: 1e-6 });
      });
    }
    assertEquals(compiled.captures, 1);
  });
}

Deno.test("an argument may also be a tensor that the function knows", async () => {
  const w = tensor([1, 2]), v = tensor([10, 20]), read = compile((x: Tensor) => x.add(w));
  assertEquals([await read(w).toArray(), await read(v).toArray()], [[2, 4], [11, 22]]);
  const write = compile((x: Tensor) => w.copy(w.add(x)).add(0));
  assertEquals([await write(v).toArray(), await write(w).toArray()], [[11, 22], [22, 44]]);
  assertEquals(await write(v).toArray(), [32, 64]);
});

Deno.test("an argument may be a parameter of the optimiser inside", async () => {
  const run = async (wrap: (fn: (w: Tensor, x: Tensor) => void) => (w: Tensor, x: Tensor) => unknown) => {
    const w = tensor([1, 1], { requiresGrad: true }), opt = new optim.SGD([w], { lr: 0.5, momentum: 0.9 });
    const step = wrap((w, x) => {
      opt.zeroGrad();
      w.mul(x).sum().backward();
      opt.step();
    });
    for (let k = 0; k < 4; k++) step(w, fixed([2], k));
    return await w.data();
  };
  assertClose(await run(compile), await run((fn) => fn), { atol: 1e-6 });
});

Deno.test("arguments that are leaves have gradients of their own, which add up", async () => {
  const step = compile((x: Tensor) => x.mul(x).sum().backward());
  const [a, b] = [1, 2].map((v) => tensor([v], { requiresGrad: true }));
  for (const x of [a, a, b, a, b]) step(x);
  assertEquals([await a.grad!.item(), await b.grad!.item()], [6, 8]);
  assertEquals(step.captures, 2); // with a gradient and without
  const slope = compile((x: Tensor) => {
    x.requiresGrad = true;
    x.clearGrad();
    x.mul(x).sum().backward();
    return x.grad!;
  });
  const [c, d] = [tensor([3]), tensor([4])], [dc, dd] = [slope(c), slope(d)];
  assertEquals(await Promise.all([c.grad!, d.grad!, dc, dd].map((t) => t.item())), [6, 8, 6, 8]);
  assert(c.requiresGrad);
});

Deno.test("the gradient of a leaf that the step makes is a result like any other", async () => {
  const slope = compile((x: Tensor) => {
    const leaf = x.detach();
    leaf.requiresGrad = true;
    leaf.mul(leaf).sum().backward();
    return leaf.grad!;
  });
  const [a, b] = [slope(tensor([1])), slope(tensor([2]))];
  assertEquals([await a.item(), await b.item()], [2, 4]);
});

Deno.test("backward through an argument with a history says that it must be a leaf", () => {
  const w = tensor([1, 2], { requiresGrad: true }), step = compile((h: Tensor) => h.sum().backward());
  assertRefuses(
    () => step(w.mul(2)),
    Error,
    "Cannot run backward through a compiled function as its arguments must be leaves where it does: " +
      "one came from an operation outside",
  );
  const twice = compile((h: Tensor) => h.mul(2)), h = w.mul(3);
  assert(twice(h).requiresGrad);
  assertEquals(noGrad(() => twice(h)).requiresGrad, false); // where nothing is recorded, a history does not matter
});

Deno.test("a step captures anew when a parameter is frozen, or a hook comes or goes", async () => {
  const layer = new nn.Linear(2, 2), x = ones([1, 2]);
  const step = compile((x: Tensor) => {
    layer.zeroGrad();
    layer.forward(x).sum().backward();
  });
  const bias = async () => (step(x), await layer.bias!.grad?.toArray());
  assertEquals(await bias(), [1, 1]);
  layer.bias!.requiresGrad = false;
  assertEquals(await bias(), undefined);
  layer.bias!.requiresGrad = true;
  const hook = layer.bias!.registerHook((g) => g.mul(10));
  assertEquals(await bias(), [10, 10]);
  hook.remove();
  assertEquals(await bias(), [1, 1]);
});

Deno.test("a tensor without elements is as good after a step as before", async () => {
  const [none, tall] = [zeros([0, 3]), zeros([2, 0])];
  const step = compile((x: Tensor) => [cat([none, x]), tall.matmul(none), none.sum()]);
  const results = await Promise.all(step(ones([1, 3])).map((t) => t.toArray()));
  assertEquals(results, [[[1, 1, 1]], [[0, 0, 0], [0, 0, 0]], 0]);
  assertEquals(await tall.matmul(none).toArray(), [[0, 0, 0], [0, 0, 0]]);
});

Deno.test("-0 is another number than 0", async () => {
  const times = compile((x: Tensor, k: number) => x.mul(k));
  assert(Object.is(await times(ones([1]), 0).item(), 0));
  assert(Object.is(await times(ones([1]), -0).item(), -0));
});

Deno.test("a replay that overwrites an argument is seen by autograd, of that argument alone", async () => {
  const w = tensor([1], { requiresGrad: true }), set = compile((x: Tensor) => void x.fill(3));
  const [a, b] = [tensor([2]), tensor([2])];
  set(a);
  const [y, z] = [w.mul(a).sum(), w.mul(b).sum()];
  set(b);
  assertThrows(() => z.backward(), Error, "as a tensor that it saved must be unchanged");
  y.backward();
  assertEquals(await w.grad!.item(), 3);
});

Deno.test("an error in the middle leaves gradients as they were, and the rest usable", async () => {
  const make = () => {
    manualSeed(3);
    const net = new nn.Sequential(
      new nn.Linear(3, 4),
      new nn.BatchNorm1d(4),
      new nn.Dropout(),
      new nn.Linear(4, 2),
    );
    return { net, opt: new optim.Adam(net.parameters(), { lr: 0.1 }), fails: false };
  };
  const plain = make(), failing = make();
  const step = (run: ReturnType<typeof make>) => (x: Tensor) => {
    run.opt.zeroGrad();
    run.net.forward(x).square().mean().backward();
    run.opt.step();
    if (run.fails) throw new Error("no");
  };
  const compiled = compile(step(failing));
  const kept = failing.net.parameters()[0];
  kept.sum().backward();
  failing.fails = true;
  assertThrows(() => compiled(fixed([5, 3])), Error, "no");
  assertEquals(await kept.grad!.toArray(), [[1, 1, 1], [1, 1, 1], [1, 1, 1], [1, 1, 1]]);
  failing.fails = false;
  for (const run of [step(plain), compiled]) {
    manualSeed(9);
    for (let k = 0; k < 4; k++) run(fixed([5, 3], k));
  }
  const state = failing.net.stateDict();
  for (const [name, t] of Object.entries(plain.net.stateDict())) {
    assertClose(await state[name].data(), await t.data(), { atol: 1e-6 });
  }
});

Deno.test("what a replay would not repeat is refused", () => {
  const opt = new optim.SGD([tensor([1], { requiresGrad: true })], { lr: 1 });
  const { StepLR, SequentialLR, ReduceLROnPlateau } = optim.lrScheduler;
  const schedule = new StepLR(opt, { stepSize: 1 });
  const sequence = new SequentialLR(opt, { schedulers: [schedule], milestones: [] });
  const plateau = new ReduceLROnPlateau(opt);
  for (const step of [() => schedule.step(), () => sequence.step(), () => plateau.step(1)]) {
    assertRefuses(
      () => compile(step)(),
      Error,
      "Cannot step a schedule inside compile(fn) as a replay does not repeat it: step it outside",
    );
  }
  assertThrows(() => compile(() => manualSeed(1))(), Error, "Cannot set the seed inside compile(fn)");
  assertThrows(() => compile(() => setRngState({ key: [0, 0], call: 0 }))(), Error, "inside compile(fn)");
});

Deno.test("plans that are never used again are given up", async () => {
  const times = compile((x: Tensor, k: number) => x.mul(k));
  for (let k = 0; k < 70; k++) times(ones([1]), k);
  assertEquals(await times(ones([1]), 69).item(), 69);
  assertEquals(times.captures, 70);
  assertEquals(await times(ones([1]), 0).item(), 0);
  assertEquals(times.captures, 71);
});

Deno.test("a captured step notices a new optimiser for its parameters", async () => {
  const w = tensor([1], { requiresGrad: true });
  let opt = new optim.SGD([w], { lr: 1 });
  const step = compile(() => {
    opt.zeroGrad();
    w.mul(3).sum().backward();
    opt.step();
  });
  step();
  assertEquals(await w.item(), -2);
  opt = new optim.SGD([w], { lr: 0.5 });
  step();
  step();
  assertEquals([await w.item(), step.captures], [-5, 2]);
});

Deno.test("two optimisers of the same parameters take turns without being captured again", async () => {
  const w = tensor([0], { requiresGrad: true });
  const [a, b] = [1, 10].map((lr) => new optim.SGD([w], { lr }));
  const step = compile(() => {
    w.clearGrad();
    w.mul(-1).sum().backward();
    a.step();
    b.step();
  });
  for (let i = 0; i < 4; i++) step();
  assertEquals([await w.item(), step.captures], [44, 1]);
});

Deno.test("a captured step notices a module in another's place in a Sequential", async () => {
  class Times extends nn.Module {
    readonly by: number;
    constructor(by: number) {
      super();
      this.by = by;
    }
    override forward(x: Tensor): Tensor {
      return x.mul(this.by);
    }
  }
  const net = new nn.Sequential(new Times(2), new Times(3)), step = compile((x: Tensor) => net.forward(x));
  assertEquals(await step(tensor([1])).item(), 6);
  net[1] = new Times(5);
  assertEquals(await step(tensor([1])).item(), 10);
  net.append(new Times(7));
  assertEquals([await step(tensor([1])).item(), await step(tensor([2])).item(), step.captures], [70, 140, 3]);
});

Deno.test("a function that is captured at every call says so once", () => {
  const step = compile((x: Tensor, by: number) => x.mul(by)), warned: string[] = [], { warn } = console;
  console.warn = (text: string) => warned.push(text);
  try {
    for (let i = 0; i < 70; i++) step(tensor([1]), i).dispose();
  } finally {
    console.warn = warn;
    step.dispose();
  }
  assertEquals(warned.length, 1);
  assertMatch(
    warned[0],
    /^Warning: a compiled function was captured 65 times, and keeps the last 64 plans: /,
  );
});
