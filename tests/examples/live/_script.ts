/** Scripts that serve a page, in processes of their own, for tests. */
import type { RunView } from "../../../examples/live/run_view.ts";
import { ROOT } from "../../support/subprocess.ts";

/** A script that serves a page. */
export interface Serving extends AsyncDisposable {
  /** The page's address. */
  readonly url: string;
  /** The process. */
  readonly child: Deno.ChildProcess;
  /** What the page knows. */
  runs(): Promise<RunView[]>;
  /** Waits until it knows something. */
  until(isSo: (runs: RunView[]) => boolean, seconds?: number): Promise<RunView[]>;
  /** Asks for something, and gives the status. */
  post(path: string, body?: unknown): Promise<number>;
  /** Waits for the end: the exit code and all that was written. */
  end(): Promise<{ code: number; signal: string | null; stdout: string; stderr: string }>;
}

/** Starts a script of examples/ with the permissions that it has, and waits for its page. */
export async function serving(args: readonly string[], env: Record<string, string> = {}): Promise<Serving> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-P", "--no-prompt", "--quiet", "--no-lock", "--env-file=scripts/tasks.env", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = new Response(child.stderr).text(), found = Promise.withResolvers<string>();
  let stdout = "";
  const reading = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(stdout += text)?.[0];
      if (url) found.resolve(url);
    }
    found.reject(new Error(`the script ended: ${stdout} ${await errors}`));
  })();
  const url = await found.promise, runs = async () => await (await fetch(`${url}runs`)).json();
  return {
    url,
    child,
    runs,
    async until(isSo, seconds = 60) {
      for (const end = Date.now() + 1000 * seconds; Date.now() < end;) {
        const now = await runs();
        if (isSo(now)) return now;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(`it is not so: ${JSON.stringify(await runs()).slice(0, 2000)}`);
    },
    async post(path, body = {}) {
      const headers = { "content-type": "application/json" };
      const response = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
      await response.body?.cancel();
      return response.status;
    },
    async end() {
      const { code, signal } = await child.status;
      await reading;
      return { code, signal, stdout, stderr: await errors };
    },
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch {
        // it has ended
      }
      await child.status;
      await reading.catch(() => {});
    },
  };
}
