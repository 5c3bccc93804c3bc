// Writes how many seconds the first LeNet step of this process takes; bench.ts starts it.
import { openDevice } from "../../mod.ts";
import { NETWORKS } from "./networks.ts";
import { training } from "./ours.ts";
import { idleSeconds } from "./timing.ts";

const device = await openDevice();
const lenet = training(device, NETWORKS.lenet, "compiled", 0.1);
const idle = await idleSeconds(lenet), start = performance.now();
lenet.step();
await lenet.wait();
console.log(Math.max(0, (performance.now() - start) / 1000 - idle));
