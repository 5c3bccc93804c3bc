import { assertEquals, assertStringIncludes } from "@std/assert";
import { ROOT } from "../../support/subprocess.ts";

const isWindows = Deno.build.os === "windows"; // which has no signals to send

/** A script that is asked to end, and then computes for half a minute without a look at anything. */
const SCRIPT = `
import { StopRequest } from ${JSON.stringify(`file://${ROOT}examples/terminal/stop_request.ts`)};
using stop = new StopRequest();
stop.listen();
console.log("ready");
while (!stop.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
console.log("asked");
for (const end = Date.now() + 30000; Date.now() < end;);
stop.throwIfAsked(() => "saved");
`;

async function child(source: string) {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(file, source);
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-lock", "--allow-read", file],
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = process.stdout.pipeThrough(new TextDecoderStream());
  let text = "";
  return {
    process,
    /** Waits until a text was printed. */
    async until(wanted: string): Promise<void> {
      const reader = lines.getReader();
      while (!text.includes(wanted)) {
        const { value, done } = await reader.read();
        if (done) break;
        text += value;
      }
      reader.releaseLock();
      assertStringIncludes(text, wanted);
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await process.status;
      await lines.cancel();
      await Deno.remove(file);
    },
  };
}

for (
  const [first, second] of [["SIGINT", "SIGINT"], ["SIGTERM", "SIGTERM"], ["SIGTERM", "SIGINT"]] as const
) {
  Deno.test({
    name: `after ${first} was taken, ${second} ends a busy process at once`,
    ignore: isWindows,
    fn: async () => {
      await using script = await child(SCRIPT);
      await script.until("ready");
      script.process.kill(first);
      await script.until("asked");
      const start = performance.now();
      script.process.kill(second);
      const { signal } = await script.process.status;
      assertEquals([signal, performance.now() - start < 10000], [second, true]);
    },
  });
}

Deno.test({
  name: "a process that was asked to end saves though nobody reads what it writes any more",
  ignore: isWindows,
  fn: async () => {
    const saved = await Deno.makeTempFile();
    const source = SCRIPT.replace('console.log("asked");', "").replace("30000", "300")
      .replace(
        "stop.throwIfAsked",
        `Deno.writeTextFileSync(${JSON.stringify(saved)}, "saved"); stop.throwIfAsked`,
      )
      .replace('console.log("ready");', 'await Deno.stdout.write(new TextEncoder().encode("ready\\n"));');
    const process = new Deno.Command(Deno.execPath(), {
      args: ["eval", "-q", "--ext=ts", source],
      env: { NO_COLOR: "1" },
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = process.stdout.getReader();
    await reader.read();
    await reader.cancel(); // as Ctrl-C ends the reader, too, in `| tee`
    process.kill("SIGINT");
    await process.status;
    assertEquals(await Deno.readTextFile(saved), "saved");
    await Deno.remove(saved);
  },
});
