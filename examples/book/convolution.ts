// The book's chapter 6.2: convolution from scratch, and the edges that it finds.
// deno run -P examples/book/convolution.ts --index 0
import { DataLoader, FashionMNIST, stack, Subset, type Tensor, tensor } from "../../mod.ts";
import { corr2d, loadSplit, showImages, Timer, tryGpu } from "../d2l.ts";
import { options } from "../terminal/options.ts";
import { runScript } from "../terminal/run_script.ts";
import { screen } from "../terminal/screen.ts";
import { say } from "../words/words.ts";

/** Slides a kernel over an image: each number is the sum of the products of the kernel and what lies beneath it. */
export function convolve(image: number[][], kernel: number[][]): number[][] {
  const rows = image.length - kernel.length + 1, columns = image[0].length - kernel[0].length + 1;
  const result: number[][] = [];
  for (let i = 0; i < rows; i++) {
    result.push([]);
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let a = 0; a < kernel.length; a++) {
        for (let b = 0; b < kernel[0].length; b++) sum += image[i + a][j + b] * kernel[a][b];
      }
      result[i].push(sum);
    }
  }
  return result;
}

/** What finds edges: the difference of the columns, or of the rows, to both sides (Sobel). */
const VERTICAL = [[1, 0, -1], [2, 0, -2], [1, 0, -1]];
const HORIZONTAL = VERTICAL.map((_, i) => VERTICAL.map((row) => row[i]));

async function main(): Promise<void> {
  const args = options("Computes convolutions by loops and by the library, and finds edges with them.", {
    index: { help: "the image whose edges are found", default: 0, most: 9999, integer: true },
    root: { help: "folder of the data set, which must be there", folder: true },
  });
  await tryGpu();
  const test = await loadSplit(FashionMNIST, "test", args.root), timer = new Timer();
  for (const [X] of new DataLoader(new Subset(test, [args.index]), { batchSize: 1 })) {
    const image: Tensor = X.reshape([28, 28]), pixels = await image.toArray() as number[][];
    timer.start();
    const own = convolve(pixels, VERTICAL);
    timer.stop();
    await corr2d(image, tensor(VERTICAL)).data(); // compiles the kernel
    timer.start();
    const vertical = corr2d(image, tensor(VERTICAL)), values = await vertical.toArray() as number[][];
    timer.stop();
    const difference = Math.max(...own.flatMap((row, i) => row.map((v, j) => Math.abs(v - values[i][j]))));
    const [loops, conv] = timer.times.map((seconds) => (1000 * seconds).toFixed(1));
    screen.print(
      say("by loops: {loops} ms, by conv2d: {conv} ms; the largest difference is {difference}", {
        loops,
        conv,
        difference: difference.toExponential(1),
      }),
    );
    const maps = [image.slice({ start: 1, end: 27 }).slice({ dim: 1, start: 1, end: 27 }), vertical.abs()];
    const edges = stack([...maps, corr2d(image, tensor(HORIZONTAL)).abs()].map((map) => map.div(map.amax())));
    await showImages(edges, { titles: [say("image"), say("vertical edges"), say("horizontal edges")] });
  }
}

if (import.meta.main) await runScript(main);
