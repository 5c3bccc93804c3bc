// Writes how many seconds a network's first step in this process takes; bench.ts starts it with the network's name.
import { openDevice } from "../../mod.ts";
import { NETWORKS } from "./networks.ts";
import { training } from "./ours.ts";
import { idleSeconds } from "./timing.ts";

const device = await openDevice();
const work = training(device, NETWORKS[Deno.args[0]], "compiled", 0.1);
const idle = await idleSeconds(work), start = performance.now();
work.step();
await work.wait();
console.log(Math.max(0, (performance.now() - start) / 1000 - idle));
