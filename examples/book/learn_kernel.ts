// The book's chapter 6.2: a kernel that is learnt from an image and its edges.
// deno run -P examples/book/learn_kernel.ts --steps 20 --lr 0.03
import { grad, manualSeed, noGrad, ones, randn, tensor } from "../../mod.ts";
import { corr2d, tryGpu } from "../d2l.ts";
import { options } from "../terminal/options.ts";
import { runScript } from "../terminal/run_script.ts";
import { screen } from "../terminal/screen.ts";
import { say } from "../words/words.ts";

async function main(): Promise<void> {
  const args = options("Learns the kernel that finds vertical edges from what it is to find.", {
    steps: { help: "steps of gradient descent", default: 20, least: 1, integer: true },
    lr: { help: "learning rate", default: 0.03 },
    seed: { help: "seed of weights and order", default: 3, most: Number.MAX_SAFE_INTEGER, integer: true },
  });
  await tryGpu();
  manualSeed(args.seed);
  const X = ones([6, 8]); // white, with a black stripe in the middle
  X.set([{}, { start: 2, end: 6 }], 0);
  const Y = corr2d(X, tensor([[1, -1]])); // 1 where white turns to black, -1 where black turns to white
  await Y.print();

  const K = randn([1, 2], { requiresGrad: true });
  for (let step = 1; step <= args.steps; step++) {
    const loss = corr2d(X, K).sub(Y).square().sum(), [dK] = grad(loss, [K]);
    noGrad(() => K.copy(K.sub(dK.mul(args.lr))));
    const every = Math.ceil(args.steps / 10);
    if (step % every === 0) {
      screen.print(say("step {step}: loss {loss}", { step, loss: (await loss.item()).toFixed(4) }));
    }
  }
  screen.print(say("the kernel that was learnt: {kernel}", { kernel: await K.detach().format() }));
}

if (import.meta.main) await runScript(main);
