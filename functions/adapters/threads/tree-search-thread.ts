import { parentPort, workerData } from "node:worker_threads";
import { createFeatureSearch } from "../../core/train/trees/feature-search.ts";
import type { SearchShare } from "../../core/train/trees/search-plan.ts";
import { signals } from "./thread-signals.ts";

/** What a thread is started with. */
export interface SearchThreadData {
  readonly share: SearchShare;
  readonly control: Int32Array;
}

/** The script of a thread that searches its share of the columns, level by level, until it is ended. */
const { share, control } = workerData as SearchThreadData;
const { search } = createFeatureSearch(share);
parentPort!.postMessage("ready");
try {
  for (let begun = 0; ; ) {
    Atomics.wait(control, signals.begun, begun);
    begun = Atomics.load(control, signals.begun);
    search();
    Atomics.add(control, signals.done, 1);
    Atomics.notify(control, signals.done);
  }
} catch (error) {
  Atomics.store(control, signals.failed, 1);
  // Who waits, waits for this number to change.
  Atomics.add(control, signals.done, 1);
  Atomics.notify(control, signals.done);
  throw error;
}
