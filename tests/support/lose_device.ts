// Loaded before a script: destroys its device within a step, as a driver does: at the submit that its URL says, `?at=20`.
const { requestDevice } = GPUAdapter.prototype, { submit } = GPUQueue.prototype;
const at = Number(new URL(import.meta.url).searchParams.get("at"));
let device: GPUDevice | null = null, submits = 0;

GPUAdapter.prototype.requestDevice = async function (descriptor) {
  const opened = await requestDevice.call(this, descriptor);
  device ??= opened; // the first alone
  return opened;
};

GPUQueue.prototype.submit = function (commands) {
  submit.call(this, commands);
  if (++submits === at) device!.destroy();
};
