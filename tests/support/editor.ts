/**
 * What an editor shows: Deno's own language server is asked, as editors ask it.
 *
 * @module
 */
import { toFileUrl } from "@std/path";
import { ROOT } from "./subprocess.ts";

/** Answers about one file that is being edited. Places are the ends of texts that occur in it once. */
export interface Editor {
  /** What is shown over the last letter of a text, as Markdown. */
  hover(at: string): Promise<string>;
  /** The names that are offered behind a text. */
  completions(after: string): Promise<string[]>;
}

interface Message {
  id?: number;
  method?: string;
  params?: { items?: unknown[] };
  result?: unknown;
}

/** Opens a file of this text in the repository's folder, as an editor would, and asks about it. */
export async function withEditor<T>(text: string, ask: (editor: Editor) => Promise<T>): Promise<T> {
  const server = new Deno.Command(Deno.execPath(), {
    args: ["lsp", "-q"],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = server.stdin.getWriter(), answers = new Map<number, (result: unknown) => void>();
  const send = async (message: object) => {
    const body = new TextEncoder().encode(JSON.stringify({ jsonrpc: "2.0", ...message }));
    await writer.write(new TextEncoder().encode(`Content-Length: ${body.length}\r\n\r\n`));
    await writer.write(body);
  };
  let last = 0;
  const request = (method: string, params: unknown) =>
    new Promise<unknown>((resolve) => {
      answers.set(++last, resolve);
      send({ id: last, method, params });
    });
  const reading = (async () => {
    for await (const message of messages(server.stdout)) {
      if (message.method === undefined) answers.get(message.id!)?.(message.result);
      else if (message.id !== undefined) { // the server asks for its settings
        await send({ id: message.id, result: message.params?.items?.map(() => ({ enable: true })) ?? null });
      }
    }
  })();
  const root = toFileUrl(ROOT).href.replace(/\/$/, ""), uri = `${root}/edited.ts`, textDocument = { uri };
  const place = (end: string, back = 0) => {
    const lines = text.slice(0, text.indexOf(end) + end.length - back).split("\n");
    return { textDocument, position: { line: lines.length - 1, character: lines.at(-1)!.length } };
  };
  try {
    await request("initialize", {
      processId: null,
      rootUri: root,
      capabilities: { workspace: { configuration: true } },
      initializationOptions: { enable: true },
      workspaceFolders: [{ uri: root, name: "plunge" }],
    });
    await send({ method: "initialized", params: {} });
    const document = { uri, languageId: "typescript", version: 1, text };
    await send({ method: "textDocument/didOpen", params: { textDocument: document } });
    return await ask({
      async hover(at) {
        const shown = await request("textDocument/hover", place(at, 1)) as
          | { contents: { value: string } }
          | null;
        return shown?.contents.value ?? "";
      },
      async completions(after) {
        const context = { triggerKind: 2, triggerCharacter: "." };
        const list = await request("textDocument/completion", { ...place(after), context }) as {
          items: { label: string }[];
        };
        return list.items.map(({ label }) => label);
      },
    });
  } finally {
    await request("shutdown", null);
    await send({ method: "exit" });
    await writer.close();
    await reading;
    await server.status;
  }
}

/** The messages in a stream: a header that says how many bytes, and so many bytes of JSON. */
async function* messages(stream: ReadableStream<Uint8Array>): AsyncGenerator<Message> {
  let bytes = new Uint8Array();
  for await (const chunk of stream) {
    bytes = new Uint8Array([...bytes, ...chunk]);
    for (;;) {
      const head = /^Content-Length: (\d+)[^]*?\r\n\r\n/.exec(new TextDecoder("latin1").decode(bytes));
      if (!head || bytes.length < head[0].length + Number(head[1])) break;
      const end = head[0].length + Number(head[1]);
      yield JSON.parse(new TextDecoder().decode(bytes.slice(head[0].length, end)));
      bytes = bytes.slice(end);
    }
  }
}
