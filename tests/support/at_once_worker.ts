// A Worker that does tasks one after the other, or trains until it is ended.
import * as plunge from "../../mod.ts";
import { bitsOfTask, type Task } from "./at_once.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<Task[]>) => void;
  postMessage(data: unknown): void;
};

scope.onmessage = async ({ data: tasks }) => {
  const device = await plunge.openDevice();
  for (const task of tasks) scope.postMessage(await bitsOfTask(plunge, task));
  if (tasks.length > 0) device.close();
  while (tasks.length === 0) scope.postMessage(await bitsOfTask(plunge, { job: "train", number: 1 }));
};
