// A search thread that fails at its first level.
import { parentPort, workerData } from "node:worker_threads";

const { control } = workerData;
parentPort.postMessage("ready");
Atomics.wait(control, 0, 0);
Atomics.store(control, 2, 1);
Atomics.add(control, 1, 1);
Atomics.notify(control, 1);
throw new Error("out of memory, say");
