import type { Metrics } from "../../core/observe/metrics.ts";

/** Tells how much of its memory a function's process uses. */
export interface MemoryGauge {
  /**
   * Add `MemoryUsedRatio`, from 0 to 1 and, where nothing bounds the process, beyond; at most once every few seconds.
   *
   * Called at the end of a batch or request: what its tensors took is still there.
   */
  tell(): void;
}

export interface MemoryGaugeOptions {
  readonly metrics: Metrics;
  /** The memory that the function was given. */
  readonly memoryMiB: number;
  /** The function's name: memory is watched, and given back, function by function. */
  readonly functionName: string;
  /** A clock in milliseconds. */
  readonly nowMs: () => number;
  /** Resident memory of this process. @default what the system says */
  readonly usedBytes?: () => number;
}

/** A reading costs tens of microseconds, and memory grows with reloads, not with requests. */
const everyMs = 5_000;
const bytesPerMiB = 1024 * 1024;

export function createMemoryGauge(options: MemoryGaugeOptions): MemoryGauge {
  const { metrics, memoryMiB, functionName, nowMs, usedBytes = process.memoryUsage.rss } = options;
  let toldMs = Number.NEGATIVE_INFINITY;
  return {
    tell() {
      const now = nowMs();
      if (now - toldMs < everyMs) return;
      toldMs = now;
      const ratio = usedBytes() / (memoryMiB * bytesPerMiB);
      metrics.add("MemoryUsedRatio", ratio, "None", { Function: functionName });
    },
  };
}
