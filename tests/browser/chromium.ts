/**
 * A headless Chromium for tests: pages are opened, looked at and used through the DevTools protocol.
 *
 * @module
 */

/** Programs that are tried, in this order. */
const PROGRAMS = ["chromium", "chromium-browser", "google-chrome", "/usr/bin/chromium"];
const ARGS = [
  "--headless=new",
  "--no-sandbox", // the tests may run as root, in a container
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-default-apps",
  "--disable-extensions",
  "--disable-sync",
  "--metrics-recording-only",
  "--mute-audio",
  "--hide-scrollbars",
  "--remote-debugging-port=0",
];

/** How a browser is started. */
export interface ChromiumOptions {
  /** Further arguments, such as `--enable-unsafe-webgpu`; without them there is no GPU. */
  args?: readonly string[];
}

/** How a page is opened. */
export interface TabOptions {
  width?: number;
  height?: number;
  /** Whether it is a phone's screen: touch, and pages that are as wide as they say. */
  isPhone?: boolean;
  /** Device pixels a pixel. */
  scale?: number;
  /** What the system prefers. */
  theme?: "light" | "dark";
  /** The browser's languages, such as `zh-CN`. */
  lang?: string;
}

interface Message {
  id?: number;
  method?: string;
  sessionId?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { message: string };
}

/** What is waited for an answer of the browser, in milliseconds. */
const PATIENCE = 20_000;

/** The connection to a browser. */
class Connection {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  readonly #listeners = new Map<string, (method: string, params: Record<string, unknown>) => void>();
  #next = 1;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
  }

  static async open(url: string): Promise<Connection> {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => [socket.onopen, socket.onerror] = [resolve, reject]);
    return new Connection(socket);
  }

  async send(method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> {
    const id = this.#next++, answer = Promise.withResolvers<Record<string, unknown>>();
    this.#waiting.set(id, answer);
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    const late = setTimeout(() => answer.reject(new Error(`${method} was not answered`)), PATIENCE);
    try {
      return await answer.promise;
    } finally {
      clearTimeout(late);
      this.#waiting.delete(id);
    }
  }

  listen(sessionId: string, listener: (method: string, params: Record<string, unknown>) => void): void {
    this.#listeners.set(sessionId, listener);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.onclose = resolve);
    this.#socket.close();
    await closed;
  }

  #take({ id, method, sessionId, params = {}, result = {}, error }: Message): void {
    if (id === undefined) return this.#listeners.get(sessionId ?? "")?.(method!, params);
    if (error) this.#waiting.get(id)?.reject(new Error(error.message));
    else this.#waiting.get(id)?.resolve(result);
  }
}

/** A page of a browser. */
export class Tab {
  /** Errors of the page's scripts and what it could not load, as they came. */
  readonly errors: string[] = [];
  /** The addresses that the page asked for. */
  readonly requests: string[] = [];
  readonly #connection: Connection;
  readonly #session: string;
  readonly #target: string;

  private constructor(connection: Connection, session: string, target: string) {
    this.#connection = connection;
    this.#session = session;
    this.#target = target;
    connection.listen(session, (method, params) => this.#hear(method, params));
  }

  /** Opens a page and goes nowhere yet. */
  static async open(connection: Connection, options: TabOptions): Promise<Tab> {
    const { targetId } = await connection.send("Target.createTarget", {
      url: "about:blank",
      newWindow: true,
    });
    const attached = await connection.send("Target.attachToTarget", { targetId, flatten: true });
    const tab = new Tab(connection, attached.sessionId as string, targetId as string);
    for (const domain of ["Page", "Runtime", "Log", "Network"]) await tab.send(`${domain}.enable`);
    await tab.emulate(options);
    return tab;
  }

  /** Sends a command of the protocol. */
  send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    return this.#connection.send(method, params, this.#session);
  }

  /** Changes the screen and what the system prefers. */
  async emulate(
    { width = 1280, height = 900, isPhone = false, scale = 1, theme, lang }: TabOptions,
  ): Promise<void> {
    const metrics = { width, height, deviceScaleFactor: scale, mobile: isPhone };
    await this.send("Emulation.setDeviceMetricsOverride", metrics);
    await this.send("Emulation.setTouchEmulationEnabled", { enabled: isPhone });
    if (theme) {
      const features = [{ name: "prefers-color-scheme", value: theme }];
      await this.send("Emulation.setEmulatedMedia", { features });
    }
    if (lang) {
      const { userAgent } = await this.#connection.send("Browser.getVersion");
      await this.send("Emulation.setUserAgentOverride", { userAgent, acceptLanguage: lang });
    }
  }

  /** Goes to an address, and waits until its document is there. */
  async goto(url: string): Promise<void> {
    const { errorText } = await this.send("Page.navigate", { url });
    if (errorText) throw new Error(`${url}: ${errorText}`);
    await this.waitFor("document.readyState !== 'loading' && location.href !== 'about:blank'");
  }

  /** The value of an expression, which may be a promise's. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    }) as { result: { value: T }; exceptionDetails?: { exception?: { description?: string }; text: string } };
    if (exceptionDetails) {
      throw new Error(`${expression}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
    }
    return result.value;
  }

  /** Waits until an expression is true, and gives its value. */
  async waitFor<T = unknown>(expression: string, { seconds = 15 }: { seconds?: number } = {}): Promise<T> {
    for (const end = Date.now() + 1000 * seconds; Date.now() < end;) {
      const value = await this.evaluate<T>(expression).catch(() => undefined); // a document that is just replaced
      if (value) return value;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(
      `after ${seconds} s it is still not so: ${expression}; errors: ${this.errors.join("; ") || "none"}`,
    );
  }

  /** Clicks into the middle of an element. */
  async click(selector: string): Promise<void> {
    const at = await this.waitFor<{ x: number; y: number }>(`(() => {
      const element = document.querySelector(${JSON.stringify(selector)});
      element?.scrollIntoView({ block: "center" });
      const box = element?.getBoundingClientRect();
      return box && box.width > 0 && { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    })()`);
    for (const type of ["mousePressed", "mouseReleased"]) {
      await this.send("Input.dispatchMouseEvent", { type, ...at, button: "left", clickCount: 1 });
    }
  }

  /** Presses a key, such as `Tab`, `Enter` or `a`. */
  async press(key: string): Promise<void> {
    const codes: Record<string, [number, string?]> = {
      Tab: [9],
      Enter: [13, "\r"],
      " ": [32, " "],
      ArrowDown: [40],
    };
    const [windowsVirtualKeyCode, text = key.length === 1 ? key : undefined] = codes[key] ??
      [key.toUpperCase().charCodeAt(0)];
    const common = { key, windowsVirtualKeyCode };
    await this.send("Input.dispatchKeyEvent", { type: text ? "keyDown" : "rawKeyDown", text, ...common });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...common });
  }

  /** Writes a text into what has the focus. */
  async type(text: string): Promise<void> {
    await this.send("Input.insertText", { text });
  }

  /** A picture of the page, of what is seen or all of it, as PNG. */
  async screenshot({ isWhole = false }: { isWhole?: boolean } = {}): Promise<Uint8Array<ArrayBuffer>> {
    const options = { format: "png", captureBeyondViewport: isWhole };
    if (!isWhole) return bytesOf(await this.send("Page.captureScreenshot", options));
    const { cssContentSize: { width, height } } = await this.send("Page.getLayoutMetrics") as {
      cssContentSize: { width: number; height: number };
    };
    const clip = { x: 0, y: 0, width, height, scale: 1 };
    return bytesOf(await this.send("Page.captureScreenshot", { ...options, clip }));
  }

  /** Closes the page. */
  async close(): Promise<void> {
    await this.#connection.send("Target.closeTarget", { targetId: this.#target });
  }

  #hear(method: string, params: Record<string, unknown>): void {
    if (method === "Runtime.exceptionThrown") {
      const { exceptionDetails } = params as {
        exceptionDetails: { text: string; exception?: { description: string } };
      };
      this.errors.push(exceptionDetails.exception?.description ?? exceptionDetails.text);
    } else if (method === "Log.entryAdded") {
      const { entry } = params as { entry: { level: string; text: string; url?: string } };
      if (entry.level === "error") this.errors.push(`${entry.text} ${entry.url ?? ""}`.trim());
    } else if (method === "Network.requestWillBeSent") {
      this.requests.push((params as { request: { url: string } }).request.url);
    }
  }
}

function bytesOf({ data }: { data?: unknown }): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(data as string), (c) => c.charCodeAt(0));
}

/** A browser. */
export class Chromium implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #connection: Connection;
  readonly #folder: string;

  private constructor(process: Deno.ChildProcess, connection: Connection, folder: string) {
    this.#process = process;
    this.#connection = connection;
    this.#folder = folder;
  }

  /**
   * Starts a browser with a profile of its own.
   *
   * @param options How.
   * @returns The browser. Rejects where there is none: `deno task setup:tests` installs Debian's.
   */
  static async launch({ args = ["--disable-gpu"] }: ChromiumOptions = {}): Promise<Chromium> {
    const folder = await Deno.makeTempDir({ prefix: "plunge_chromium_" });
    const process = spawn([...ARGS, ...args, `--user-data-dir=${folder}`]);
    const url = await addressOf(process.stderr);
    return new Chromium(process, await Connection.open(url), folder);
  }

  /** Opens a page. */
  open(options: TabOptions = {}): Promise<Tab> {
    return Tab.open(this.#connection, options);
  }

  /** Ends the browser at once, as for the end of a process. */
  kill(): void {
    try {
      this.#process.kill("SIGKILL");
      Deno.removeSync(this.#folder, { recursive: true });
    } catch {
      // it has ended, or a helper of it still writes
    }
  }

  /** Ends the browser. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.send("Browser.close").catch(() => {});
    await this.#connection.close();
    const late = setTimeout(() => this.#process.kill("SIGKILL"), 5000);
    await this.#process.status;
    clearTimeout(late);
    await Deno.remove(this.#folder, { recursive: true }).catch(() => {}); // a helper of it may still write
  }
}

function spawn(args: string[]): Deno.ChildProcess {
  for (const program of PROGRAMS) {
    try {
      return new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "piped" }).spawn();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new Error(
    `Cannot start a browser as one of ${
      PROGRAMS.join(", ")
    } must be there: deno task setup:tests installs it`,
  );
}

/** Waits until the browser says where it listens; what it says after that is let go. */
async function addressOf(stderr: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stderr.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (true) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the browser ended: ${text.slice(-2000)}`);
    const found = /DevTools listening on (ws:\S+)/.exec(text += value);
    if (!found) continue;
    (async () => {
      while (!(await reader.read()).done);
    })();
    return found[1];
  }
}
