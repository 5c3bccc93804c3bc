/**
 * Running notebooks by Jupyter without a window.
 *
 * @module
 */
import { assert } from "@std/assert";

/** A cell of a notebook. */
export interface Cell {
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

/** A notebook, as its file has it. */
export interface Notebook {
  cells: Cell[];
  metadata: Record<string, unknown>;
  nbformat: number;
  nbformat_minor: number;
}

/** Deno's kernel may say that a cell is done before the last of its output is sent, and nbconvert then drops the rest. */
const FLUSH = "\nawait new Promise((resolve) => setTimeout(resolve, 500));";

/**
 * Runs a notebook, with a kernel of its own.
 *
 * @param notebook The notebook.
 * @param folder Where Jupyter has its files.
 * @param cwd The folder that the notebook lies in, where Jupyter starts its kernel.
 * @param env Environment variables beside Jupyter's.
 * @returns The cells with their outputs.
 */
export async function execute(
  notebook: Notebook,
  folder: string,
  cwd: string,
  env: Record<string, string> = {},
): Promise<Cell[]> {
  for (const cell of notebook.cells) {
    // a cell that shows its last value ends in it
    if (cell.cell_type === "code" && cell.source.at(-1)?.endsWith(";")) cell.source.push(FLUSH);
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
    cwd,
    env: {
      JUPYTER_DATA_DIR: folder,
      JUPYTER_CONFIG_DIR: `${folder}/config`,
      JUPYTER_RUNTIME_DIR: `${folder}/runtime`,
      XDG_RUNTIME_DIR: folder,
      ...env,
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
