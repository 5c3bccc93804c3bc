/**
 * The fonts of pictures that are drawn as PNG. DejaVu comes with the packages and has no Chinese characters; those are taken
 * from a font of the machine, and where there is none the words in pictures are English.
 *
 * @module
 */
import { screen } from "../terminal/screen.ts";
import { currentLanguage, say, speaking } from "../words/words.ts";
import { once } from "./packages.ts";

/** Where systems have a font with Chinese characters. */
const PLACES = [
  "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
  "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
  "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
  "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
  "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
  "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
  "/System/Library/Fonts/PingFang.ttc",
  "/System/Library/Fonts/STHeiti Light.ttc",
  "/System/Library/Fonts/Hiragino Sans GB.ttc",
  "C:\\Windows\\Fonts\\msyh.ttc",
  "C:\\Windows\\Fonts\\simsun.ttc",
];

/** A font with Chinese characters, or null where the machine has none that may be read. */
export const chineseFont: () => Promise<Uint8Array | null> = once(async () => {
  for (const path of PLACES) {
    const font = await Deno.readFile(path).catch(() => null);
    if (font) return font;
  }
  return null;
});

let isTold = false; // that the words are English

/**
 * Makes what a picture shows: in the language that is spoken if its letters can be drawn here, else in English, which is said
 * once.
 *
 * @param make Makes it, at once.
 * @returns What `make` returns.
 */
export async function forPictures<T>(make: () => T): Promise<T> {
  if (currentLanguage() === "en" || await chineseFont()) return make();
  if (!isTold) {
    isTold = true;
    screen.warn(say("no Chinese font was found on this machine: the words in pictures are English"));
  }
  return speaking("en", make);
}
