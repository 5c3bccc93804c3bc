// The notebook, run from its first cell to its last by Jupyter without a window.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ROOT } from "../support/subprocess.ts";

interface Cell {
  id: string;
  cell_type: "code" | "markdown";
  execution_count: number | null;
  source: string[];
  outputs?: {
    output_type: string;
    name?: string;
    text?: string[];
    data?: Record<string, string[]>;
  }[];
}

/** Deno's kernel may say that a cell is done before the last of its output is sent, and nbconvert then drops the rest. */
const FLUSH = "\nawait new Promise((resolve) => setTimeout(resolve, 500));";

const NOTEBOOK = `${ROOT}examples/lenet.ipynb`;

async function readCells(): Promise<Cell[]> {
  return JSON.parse(await Deno.readTextFile(NOTEBOOK)).cells;
}

async function works(command: string, args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args, stdout: "null", stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

/** Runs the notebook on few images, with a kernel and folders of its own. */
async function execute(folder: string): Promise<Cell[]> {
  const notebook = JSON.parse(await Deno.readTextFile(NOTEBOOK));
  const parameters = notebook.cells.find(({ id }: Cell) => id === "parameters");
  parameters.source = ["const epochs = 2, lr = 0.9, batchSize = 128, seed = 3;\n", "const limit = 512;"];
  for (const cell of notebook.cells) {
    // a cell that shows its last value ends in it
    if (cell.cell_type === "code" && cell.source.at(-1).endsWith(";")) cell.source.push(FLUSH);
  }
  const kernel = {
    argv: [Deno.execPath(), "jupyter", "--kernel", "--conn", "{connection_file}"],
    display_name: "Deno",
    language: "typescript",
  };
  await Deno.mkdir(`${folder}/kernels/deno`, { recursive: true });
  await Deno.writeTextFile(`${folder}/kernels/deno/kernel.json`, JSON.stringify(kernel));
  const child = new Deno.Command("jupyter-nbconvert", {
    args: ["--to=notebook", "--execute", "--stdin", "--stdout", "--ExecutePreprocessor.timeout=120"],
    cwd: `${ROOT}examples`, // where Jupyter starts the kernel of a notebook in that folder
    env: {
      JUPYTER_DATA_DIR: folder,
      JUPYTER_CONFIG_DIR: `${folder}/config`,
      JUPYTER_RUNTIME_DIR: `${folder}/runtime`,
      XDG_RUNTIME_DIR: folder,
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(notebook)));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  assert(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout)).cells;
}

Deno.test("lenet.ipynb is committed without outputs", async () => {
  for (const cell of await readCells()) {
    if (cell.cell_type === "code") assertEquals([cell.outputs, cell.execution_count], [[], null], cell.id);
  }
});

const hasJupyter = await works("jupyter-nbconvert", ["--version"]);
/** Where `deno task test` installs it. Elsewhere it is the user's to have, and the notebook runs only where it is. */
const isDebian = await works("apt-get", ["--version"]);

Deno.test({ name: "lenet.ipynb runs from start to end", ignore: !hasJupyter && !isDebian }, async () => {
  assert(
    hasJupyter,
    "Cannot run the notebook as jupyter-nbconvert must be there: run `deno task setup:tests`",
  );
  const folder = await Deno.makeTempDir({ prefix: "plunge_notebook_" });
  try {
    const cells = await execute(folder);
    const outputs = (id: string) => cells.find((cell) => cell.id === id)!.outputs!;
    const text = (id: string) => outputs(id).map(({ text }) => text?.join("") ?? "").join("");
    const svgs = (id: string) => outputs(id).flatMap(({ data }) => data?.["image/svg+xml"]?.join("") ?? []);
    assertStringIncludes(text("net"), "  (0): Conv2d(1, 6, kernel_size=(5, 5)");
    assertStringIncludes(text("shapes"), "Conv2d output shape: [1, 16, 10, 10]\n");
    assertStringIncludes(text("picture"), "61,706");
    assertStringIncludes(svgs("picture")[0], ">48,120 parameters<");
    assertMatch(
      text("train"),
      /^training on .+\nepoch 1\/2: loss .+\nepoch 2\/2: loss \d\.\d{3}, .+\n.+\n.+ examples\/sec on /,
    );
    assertEquals(svgs("train").length, 1, "one plot, that was drawn anew in its place");
    assertStringIncludes(svgs("train")[0], 'aria-label="epoch: 2; loss, accuracy: ');
    assertStringIncludes(svgs("curves")[0], ">LeNet on Fashion-MNIST<");
    assertStringIncludes(svgs("predictions")[0], ">Ankle boot</text>");
    const shown = (id: string, kind: string) =>
      outputs(id).map(({ data }) => data?.[kind]?.join("") ?? "").join("");
    assertStringIncludes(shown("confusion", "text/html"), "<th>Ankle boot</th>");
    assertMatch(shown("confusion", "text/plain"), /^precision /m);
    assertMatch(shown("tensor", "text/plain"), /^tensor\(\[[-\d., ]+\][^]+requiresGrad=true\)$/);
    for (const id of ["first-layer", "second-layer"]) assertStringIncludes(svgs(id)[0], ">Pullover</text>");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
