/**
 * A contender's process: started, asked for rounds, and stopped when it takes too long.
 *
 * @module
 */
import { type Network, startingPoint } from "../networks.ts";
import { commandOf, type Entrant, environmentOf } from "./contenders.ts";
import { type Job, linesOf, type Ready, type Round } from "./protocol.ts";

/** Steps whose losses are compared. */
const CHECKED_STEPS = 3;
/** Learning rate of every network. */
const LR = 0.1;

/** Why a contender has no figure, in words for a table. */
export class Failure extends Error {}

/** A process that trains one network. */
export class Contender {
  /** What it said first. */
  ready!: Ready;
  readonly #folder: string;
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncGenerator<string>;
  readonly #errors: Promise<string[]>;
  readonly #limit: number;

  private constructor(entrant: Entrant, folder: string, limit: number) {
    const [program, ...args] = commandOf(entrant.file, [folder]);
    this.#folder = folder;
    this.#limit = limit;
    this.#process = new Deno.Command(program, {
      args,
      cwd: folder,
      env: environmentOf(folder, entrant.variant),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.#lines = linesOf(this.#process.stdout);
    this.#errors = Array.fromAsync(linesOf(this.#process.stderr));
  }

  /**
   * Starts a contender in a throw-away folder and waits until it is warm.
   *
   * @param limit Seconds that it may take for this, and for each round.
   * @throws {Failure} If it fails or takes longer.
   */
  static async start(
    entrant: Entrant,
    network: Network,
    packages: Record<string, string>,
    limit: number,
  ): Promise<Contender> {
    const folder = await Deno.makeTempDir({ prefix: "plunge_peer_" });
    await writeJob(folder, {
      network,
      lr: LR,
      variant: entrant.variant,
      checkedSteps: CHECKED_STEPS,
      packages,
    });
    let contender: Contender;
    try {
      contender = new Contender(entrant, folder, limit);
    } catch (error) {
      await Deno.remove(folder, { recursive: true });
      throw error instanceof Deno.errors.NotFound ? new Failure(`NotFound: ${error.message}`) : error;
    }
    try {
      contender.ready = await contender.#answer<Ready>();
      return contender;
    } catch (error) {
      await contender.stop();
      throw error;
    }
  }

  /** Runs steps for about so many seconds. */
  async round(seconds: number): Promise<Round> {
    await this.#input.write(new TextEncoder().encode(`${seconds}\n`)).catch(() => {}); // its end shows below
    return await this.#answer<Round>();
  }

  /** Ends the process and removes its folder. */
  async stop(): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // it has ended by itself
    }
    await this.#process.status;
    await this.#input.abort().catch(() => {});
    await this.#lines.return(undefined).catch(() => {});
    await this.#errors;
    await Deno.remove(this.#folder, { recursive: true });
  }

  /** The next line that is a JSON object. */
  async #answer<T>(): Promise<T> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#process.kill("SIGKILL");
    }, 1000 * this.#limit);
    try {
      for (;;) {
        const { done, value } = await this.#lines.next();
        if (done && isLate) throw new Failure(`no answer within ${this.#limit} s`);
        if (done) throw new Failure(`it ended: ${lastWords(await this.#errors)}`);
        if (value.startsWith("{")) return JSON.parse(value);
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

async function writeJob(folder: string, job: Job): Promise<void> {
  const { parameters, x, y } = startingPoint(job.network);
  const bytes = (values: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>) =>
    new Uint8Array(values.buffer);
  await Deno.writeTextFile(`${folder}/job.json`, JSON.stringify(job));
  await Deno.writeFile(`${folder}/parameters.f32`, bytes(parameters));
  await Deno.writeFile(`${folder}/x.f32`, bytes(x));
  await Deno.writeFile(`${folder}/y.i32`, bytes(y));
}

/** The line of a process's errors that says most: the one that names an error, else the last. */
function lastWords(lines: readonly string[]): string {
  const said = lines.map((line) => line.trim()).filter((line) =>
    line !== "" && !line.includes("XDG_RUNTIME_DIR")
  );
  return said.findLast((line) => /error/i.test(line)) ?? said.at(-1) ?? "without a word";
}
