// Contender: Plunge. Variant "compiled" replays a captured step, "eager" runs it as written.
import { openDevice } from "../../../mod.ts";
import { type Mode, training } from "../ours.ts";
import { given, serve } from "./protocol.ts";

const { job, parameters, x, y } = await given();
const device = await openDevice();
const trained = training(device, job.network, job.variant as Mode, job.lr, { parameters, x, y });
await serve(job, { ...trained, version: job.packages.plunge, adapter: device.name });
