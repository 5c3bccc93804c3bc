/**
 * Loaded before a test's modules, it keeps the text of every kernel that is compiled, in files of the folder `.wgsl/`.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";

const FOLDER = fromFileUrl(new URL("../../.wgsl", import.meta.url));
const texts = new Map<string, string>(), { createShaderModule } = GPUDevice.prototype;

GPUDevice.prototype.createShaderModule = function (descriptor: GPUShaderModuleDescriptor): GPUShaderModule {
  texts.set(descriptor.code, descriptor.label ?? "");
  return createShaderModule.call(this, descriptor);
};

globalThis.addEventListener("unload", () => {
  if (texts.size === 0) return;
  Deno.mkdirSync(FOLDER, { recursive: true });
  Deno.writeTextFileSync(`${FOLDER}/${crypto.randomUUID()}.json`, JSON.stringify([...texts]));
});
