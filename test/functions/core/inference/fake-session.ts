import { ModelRunError } from "../../../../functions/core/errors.ts";
import { createRowBuffers, type RowBuffers } from "../../../../functions/core/features/row-buffers.ts";
import type { ModelSession } from "../../../../functions/core/inference/model-session.ts";
import { compileOutputs } from "../../../../functions/core/inference/output-encoder.ts";

/** A model of one number per row, which it doubles; rows that hold a number of `poison` make the whole run fail. */
export class DoublingSession implements ModelSession {
  readonly inputs = [{ name: "x", type: "float64" as const, shape: [null, 1] }];
  readonly outputs = [{ name: "y", type: "float64" as const, shape: [null, 1] }];
  readonly poison: Set<number>;
  /** The rows of every run. */
  readonly runs: number[][] = [];
  releaseCount = 0;

  constructor(poison: Iterable<number> = []) {
    this.poison = new Set(poison);
  }

  async run(feeds: Parameters<ModelSession["run"]>[0]): ReturnType<ModelSession["run"]> {
    const rows = [...(feeds.x!.data as Float64Array)];
    this.runs.push(rows);
    if (rows.some((row) => this.poison.has(row)))
      throw new ModelRunError("the run failed", { code: "run.failed" });
    return {
      y: {
        type: "float64" as const,
        shape: [rows.length, 1],
        data: Float64Array.from(rows, (row) => row * 2),
      },
    };
  }

  async release() {
    this.releaseCount++;
  }
}

export const doubled = compileOutputs({ y: { from: "y" } }, [
  { name: "y", type: "float64", shape: [null, 1] },
]).encoder;

/** Buffers for the doubling model, holding the given rows. */
export function buffersOf(rows: readonly number[], capacity = Math.max(1, rows.length)): RowBuffers {
  const inputs = [{ name: "x", type: "float64" as const, rowShape: [1], width: 1 }];
  const buffers = createRowBuffers({ inputs, placements: [] }, capacity);
  fill(buffers, rows);
  return buffers;
}

export function fill(buffers: RowBuffers, rows: readonly number[]): void {
  (buffers.arrays[0] as Float64Array).set(rows);
}
