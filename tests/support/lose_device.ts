// Loaded before a script: destroys its first device, and says of it what a driver says that gave it up: at the submit
// that its URL names (`?at=20`), or with 0 as soon as it is open.
const { requestDevice } = GPUAdapter.prototype, { submit } = GPUQueue.prototype;
const at = Number(new URL(import.meta.url).searchParams.get("at"));
let device: GPUDevice | null = null, submits = 0;

GPUAdapter.prototype.requestDevice = async function (descriptor) {
  const opened = await requestDevice.call(this, descriptor);
  if (device) return opened;
  device = opened;
  const loss = { reason: "unknown" as const, message: "VK_ERROR_DEVICE_LOST" };
  const lost = opened.lost.then(() => loss as unknown as GPUDeviceLostInfo);
  Object.defineProperty(opened, "lost", { get: () => lost });
  if (at === 0) setTimeout(() => opened.destroy());
  return opened;
};

GPUQueue.prototype.submit = function (commands) {
  submit.call(this, commands);
  if (++submits === at) device!.destroy();
};
