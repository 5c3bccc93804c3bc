/**
 * The npm packages that draw and read pictures. They are loaded when the first picture is: who wants none downloads
 * none, and who cannot download trains without.
 *
 * Their names stand in variables, as Deno fetches beforehand whatever an import names literally; that they are npm's
 * stands in the imports, as JSR leaves alone what begins so.
 *
 * @module
 */

import { screen } from "../terminal/screen.ts";
import { say } from "../words/words.ts";

const NAMES = {
  vegaLite: "vega-lite@6",
  vega: "vega@6",
  resvg: "@resvg/resvg-wasm@2",
  font: "dejavu-fonts-ttf@2/package.json",
  jpeg: "@jsquash/jpeg@1/decode.js",
};

/** What is thrown where the packages are neither cached nor to be had. */
export class MissingPackages extends Error {
  override name = "MissingPackages";
}

/** Makes a value when it is first asked for, and again where that failed. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return async () => {
    try {
      return await (made ??= make());
    } catch (error) {
      made = undefined;
      throw error;
    }
  };
}

async function loaded<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const reason = String(cause).split("\n")[0];
    throw new MissingPackages(
      `Cannot draw pictures as their npm packages must be cached or reachable: ${reason}`,
      { cause },
    );
  }
}

/** The packages that draw charts. */
export interface Packages {
  vegaLite: typeof import("npm:vega-lite@6");
  vega: typeof import("npm:vega@6");
  resvg: typeof import("npm:@resvg/resvg-wasm@2");
}

/** Loads what draws charts. Rejects with {@linkcode MissingPackages} where it is not to be had. */
export const packages: () => Promise<Packages> = once(() =>
  loaded(async () => {
    screen.showStatus(say("loading what draws pictures…")); // which the first time is fetched
    const [vegaLite, vega, resvg] = await Promise.all([
      import(`npm:/${NAMES.vegaLite}`),
      import(`npm:/${NAMES.vega}`),
      import(`npm:/${NAMES.resvg}`),
      import(`npm:/${NAMES.font}`, { with: { type: "json" } }),
    ]).finally(() => screen.showStatus(""));
    return { vegaLite, vega, resvg };
  })
);

/** What of `@jsquash/jpeg` is used: Mozilla's decoder as WebAssembly. */
export interface JpegDecoder {
  /** Decodes a file, turned as its EXIF data say if that is wanted. */
  default(file: ArrayBuffer, options: { preserveOrientation: boolean }): Promise<ImageData>;
  /** Begins anew with a compiled decoder, whose warnings `printErr` takes. */
  init(module: WebAssembly.Module, options: { printErr: (text: string) => void }): Promise<void>;
}

/** Loads what reads JPEG files, and its decoder. Rejects with {@linkcode MissingPackages} where it is not to be had. */
export const jpegDecoder: () => Promise<{ jpeg: JpegDecoder; module: WebAssembly.Module }> = once(() =>
  loaded(async () => {
    const jpeg: JpegDecoder = await import(`npm:/${NAMES.jpeg}`);
    const wasm = await packageFile("npm:@jsquash/jpeg@1/codec/dec/mozjpeg_dec.wasm");
    return { jpeg, module: await WebAssembly.compile(wasm) };
  })
);

/** Reads a file of a package that is loaded. */
export function packageFile(specifier: string): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(new URL(import.meta.resolve(specifier))); // a file: URL once the package is loaded
}

let isWarned = false;

/**
 * Draws pictures where their packages are to be had. Where they are not, says so once, and leaves out this and all
 * further pictures.
 *
 * @param draw Draws and saves them.
 * @returns What `draw` returns, or undefined where there are none.
 */
export async function drawIfPossible<T>(draw: () => Promise<T>): Promise<T | undefined> {
  if (isWarned) return undefined;
  try {
    return await draw();
  } catch (error) {
    if (!(error instanceof MissingPackages)) throw error;
    isWarned = true;
    screen.warn(say("warning: no pictures are drawn. {reason}", { reason: error.message }));
  }
}
