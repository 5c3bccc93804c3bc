// Compiles kernels by Mesa's RADV for the GPU that RADV_FORCE_FAMILY names: JSON comes from the standard input and goes out.
// It is a process of its own, as drivers and their environment are read once.
import { type BindingLetter, type Compiled, openCompiler } from "./vulkan.ts";

/** What a kernel is given as. */
export interface Source {
  readonly wgsl: string;
  readonly bindings: readonly BindingLetter[];
}

/** Deno's own translator from WGSL, as a package. Deno's also keeps indices into workgroup memory inside, and has the driver zero it. */
const NAGA = "npm:naga-wasm@30.1.0";

if (import.meta.main) {
  const { parseWgsl, validate, writeSpirv } = await import(NAGA), compiler = openCompiler();
  const sources: Source[] = await new Response(Deno.stdin.readable).json();
  const compiled = sources.map(({ wgsl, bindings }): Compiled => {
    const module = parseWgsl(wgsl), words: Uint32Array = writeSpirv(module, validate(module), {});
    return compiler.compile(new Uint8Array(words.buffer, words.byteOffset, words.byteLength), bindings);
  });
  await new Response(JSON.stringify(compiled)).body!.pipeTo(Deno.stdout.writable);
}
