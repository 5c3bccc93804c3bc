// The notebook, run from its first cell to its last by Jupyter without a window.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { execute, type Notebook } from "../support/notebook.ts";
import { servingSources } from "../support/source_server.ts";
import { ROOT } from "../support/subprocess.ts";

const NOTEBOOK = `${ROOT}examples/lenet.ipynb`;

async function readNotebook(): Promise<Notebook> {
  return JSON.parse(await Deno.readTextFile(NOTEBOOK));
}

async function works(command: string, args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args, stdout: "null", stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

Deno.test("lenet.ipynb is committed without outputs", async () => {
  for (const cell of (await readNotebook()).cells) {
    if (cell.cell_type === "code") assertEquals([cell.outputs, cell.execution_count], [[], null], cell.id);
  }
});

const hasJupyter = await works("jupyter-nbconvert", ["--version"]);
/** Where `deno task test` installs it. Elsewhere it is the user's to have, and the notebook runs only where it is. */
const isDebian = await works("apt-get", ["--version"]);

const ignore = !hasJupyter && !isDebian;

/** Runs `fn` with a folder for Jupyter. */
async function withJupyter(fn: (folder: string) => Promise<void>): Promise<void> {
  assert(
    hasJupyter,
    "Cannot run the notebook as jupyter-nbconvert must be there: run `deno task setup:tests`",
  );
  const folder = await Deno.makeTempDir({ prefix: "plunge_notebook_" });
  try {
    await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({ name: "a notebook imports the book's helpers by path, by URL and by name", ignore }, async () => {
  await withJupyter(async (folder) => {
    await using server = servingSources(/^\/(mod|(ops|nn|data|examples)\/[\w/]+)\.ts$/);
    const helpers = "examples/d2l.ts", name = "@plunge/plunge/d2l";
    const urls = [new URL(`../../${helpers}`, import.meta.url).href, `${server.origin}/${helpers}`, name];
    const imports = { [name]: urls[0] };
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ imports, lock: false }));
    const { metadata, ...format } = await readNotebook();
    const cells = urls.map((url, k) => ({
      id: `cell-${k}`,
      cell_type: "code" as const,
      execution_count: null,
      metadata: {},
      outputs: [],
      source: [`import { Timer as Timer${k} } from "${url}";\n`, `console.log(new Timer${k}().stop() >= 0);`],
    }));
    const env = { DENO_DIR: `${folder}/cache` };
    const done = await execute({ ...format, metadata, cells }, folder, folder, env);
    const said = done.map(({ outputs }) => outputs?.map(({ text }) => text?.join("")).join(""));
    assertEquals(said, ["true\n", "true\n", "true\n"]);
  });
});

Deno.test({ name: "lenet.ipynb runs from start to end", ignore }, async () => {
  await withJupyter(async (folder) => {
    const notebook = await readNotebook(), parameters = notebook.cells.find(({ id }) => id === "parameters")!;
    parameters.source = ["const epochs = 2, lr = 0.9, batchSize = 128, seed = 3;\n", "const limit = 512;"];
    const cells = await execute(notebook, folder, `${ROOT}examples`);
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
  });
});
