import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { InvariantError } from "../../core/errors.ts";
import type { RemoteSearches, SearchPool, SearchShare } from "../../core/train/trees/search-plan.ts";
import { signalBytes, signals } from "./thread-signals.ts";
import type { SearchThreadData } from "./tree-search-thread.ts";

export interface TreeSearchPoolOptions {
  /** This thread and those that are started: from 1; no more than cores are of use. */
  readonly threads: number;
  /** Where `tree-search-thread.ts` is, or what was bundled of it. */
  readonly script: URL | string;
  /** A thread that needs longer for one level of a tree is taken for dead. @default 120,000 */
  readonly levelTimeoutMs?: number;
}

/** Search for splits on threads of this process. They live as long as one training. */
export function createTreeSearchPool(options: TreeSearchPoolOptions): SearchPool {
  return {
    threads: options.threads,
    allocate: (sizeBytes) => new SharedArrayBuffer(sizeBytes),
    open: (shares) => openThreads(shares, options),
  };
}

async function openThreads(
  shares: readonly SearchShare[],
  { script, levelTimeoutMs = 120_000 }: TreeSearchPoolOptions,
): Promise<RemoteSearches> {
  const control = new Int32Array(new SharedArrayBuffer(signalBytes));
  const workers = shares.map(
    (share) => new Worker(script, { workerData: { share, control } satisfies SearchThreadData }),
  );
  const close = async () => {
    await Promise.all(workers.map((worker) => worker.terminate()));
  };
  try {
    // A script that cannot be loaded is seen here, not by waiting for its first level.
    await Promise.all(workers.map((worker) => once(worker, "message")));
  } catch (error) {
    await close();
    throw error;
  }
  // How a thread fails later is learned by its signal: the event comes too late for a wait that blocks.
  let failure: unknown;
  for (const worker of workers) {
    worker.on("error", (error) => {
      failure ??= error;
    });
  }

  return {
    begin() {
      Atomics.store(control, signals.done, 0);
      Atomics.add(control, signals.begun, 1);
      Atomics.notify(control, signals.begun);
    },
    finish() {
      for (
        let done = Atomics.load(control, signals.done);
        done < workers.length;
        done = Atomics.load(control, signals.done)
      ) {
        if (Atomics.wait(control, signals.done, done, levelTimeoutMs) === "timed-out")
          throw failed(`gave no answer in ${levelTimeoutMs} ms`);
      }
      if (Atomics.load(control, signals.failed) === 1) throw failed("failed");
    },
    close,
  };

  function failed(how: string): InvariantError {
    return new InvariantError(`tree training: a search thread ${how}`, { cause: failure });
  }
}
