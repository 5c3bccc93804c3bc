/**
 * The faces that a script shows its runs with, beside its lines: a page.
 *
 * @module
 */
import { type LivePage, openPage } from "../live/live_page.ts";
import { atEnd } from "../terminal/at_end.ts";
import { screen } from "../terminal/screen.ts";

/** The options that choose the faces. */
export const FACE_OPTIONS = {
  serve: {
    help: "show the run in a browser: a page on this port, 8000 unless given",
    number: true,
    bare: 0,
    most: 65535,
    integer: true,
  },
  host: { help: "the page's address; another than this needs --allow-net", default: "127.0.0.1" },
} as const;

/** What the options of a script say about its faces. */
export interface FaceArgs {
  readonly serve?: number;
  readonly host?: string;
  readonly lang?: string;
}

let page: LivePage | undefined;

/**
 * Opens the faces that are asked for, until the script ends.
 *
 * @param args The script's options.
 * @returns Nothing. Rejects with an `Error` where the page's place is taken, or not allowed.
 */
export async function openFaces({ serve, host, lang }: FaceArgs): Promise<void> {
  if (serve === undefined || page) return; // a script that goes on after its device was lost has its page
  page = await openPage({ port: serve, host, lang });
  atEnd(page.close);
  screen.print(`the run as a page: ${page.url}`);
}
