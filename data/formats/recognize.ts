/**
 * What bytes are that were taken for another file: a page, a pointer, a checkpoint of another program.
 *
 * @module
 */

/** A byte as it is written in errors. */
export function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}

const TO_NEW_FORMAT =
  "in Python, torch.save(torch.load(path, weights_only=True), new_path) makes one that loadTorch reads";

/** How files begin, byte by byte as in Latin-1, and what they are. */
const BINARY: readonly [begin: string, what: string][] = [
  ["\x1f\x8b", "a file packed with gzip, which gunzip(bytes) unpacks"],
  [
    "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19",
    `a file of PyTorch before 1.6: ${TO_NEW_FORMAT}`,
  ],
  ["\x93NUMPY", "a NumPy array (.npy)"],
  ["\x89HDF\r\n", "an HDF5 file, as Keras writes (.h5)"],
  ["GGUF", "a GGUF file, as llama.cpp reads"],
  ["\x89PNG", "a PNG picture"],
  ["\xff\xd8\xff", "a JPEG picture"],
  ["%PDF", "a PDF document"],
  ["BZh", "a file packed with bzip2, to be unpacked first"],
  ["\xfd7zXZ", "a file packed with xz, to be unpacked first"],
  ["\x28\xb5\x2f\xfd", "a file packed with zstd, to be unpacked first"],
  ["7z\xbc\xaf\x27\x1c", "a 7z archive, to be unpacked first"],
];

/** How texts begin, in lower case and without leading space, and what they are. */
const TEXTS: readonly [begin: RegExp, what: string][] = [
  [/^version https:\/\/git-lfs/, "a Git LFS pointer in place of the file, which `git lfs pull` fetches"],
  [
    /^<!doctype html|^<html|^<head|^<body/,
    "an HTML page, as a server sends it about a file or in its place: download the file itself",
  ],
  [/^<(\?xml|error)/, "XML, as a server sends it in place of a file that it does not give"],
  [/^[{[]\s*["\]}{[\d]/, "JSON"],
];

/** Says what bytes are, where they are not what they were taken for; undefined where nobody knows. */
export function recognize(bytes: Uint8Array): string | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 4096));
  if (start.startsWith("PK\x03\x04")) return recognizeZip(start);
  const binary = BINARY.find(([begin]) => start.startsWith(begin));
  if (binary) return binary[1];
  if (bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5) {
    return `a Python pickle, as PyTorch before 1.6 writes: ${TO_NEW_FORMAT}`;
  }
  if (start.slice(257, 262) === "ustar") return "a tar archive, to be unpacked first";
  if (start.slice(4, 9) === "\0\0\0\0{") return "a safetensors file, which decodeSafetensors(bytes) reads";
  if (start.startsWith("\0\0") && bytes[2]! >= 8 && bytes[2]! <= 14 && bytes[3]! <= 8) {
    return "an IDX file, which parseIdx(bytes) reads";
  }
  const text = start.replace(/^(\xef\xbb\xbf)?\s+/, "").toLowerCase();
  return TEXTS.find(([begin]) => begin.test(text))?.[1];
}

/** Looks at the name of an archive's first file. */
function recognizeZip(start: string): string {
  const name = start.slice(30, 30 + start.charCodeAt(26) + 256 * start.charCodeAt(27));
  if (/\/(data\.pkl|\.format_version|byteorder|version)$/.test(name)) {
    return "a PyTorch checkpoint (.pt, .pth, .bin), which loadTorch(bytes) reads";
  }
  if (name.endsWith(".npy")) return "NumPy arrays (.npz)";
  return "a zip archive, to be unpacked first";
}
