// A search thread that is ready and then never answers.
import { parentPort } from "node:worker_threads";

parentPort.postMessage("ready");
setInterval(() => undefined, 1000);
