import { ModelRunError } from "../errors.ts";
import type { RowBuffers } from "../features/row-buffers.ts";
import type { ModelSession } from "./model-session.ts";
import type { OutputEncoder } from "./output-encoder.ts";

/** What became of each row: its outputs as JSON text, or the reason why it has none. */
export type RowResult = string | ModelRunError;

/**
 * Run the rows 0 to `count` in one run.
 *
 * Where the run fails, the rows are halved until the guilty ones stand alone; each of those is tried once more, and
 * its error is its result. All others are predicted.
 *
 * @returns one result per row, in order.
 * @throws whatever is not a `ModelRunError`: it says nothing about the rows.
 */
export async function runRows(rows: {
  readonly session: ModelSession;
  readonly outputs: OutputEncoder;
  readonly buffers: RowBuffers;
  readonly count: number;
}): Promise<RowResult[]> {
  const { session, outputs, buffers, count } = rows;
  const results: RowResult[] = new Array(count);
  if (count > 0) await runSpan(0, count);
  return results;

  async function runSpan(from: number, to: number): Promise<void> {
    const failure = await tryRun(from, to);
    if (failure === undefined) return;
    if (to - from > 1) {
      const middle = (from + to) >>> 1;
      await runSpan(from, middle);
      await runSpan(middle, to);
      return;
    }
    const again = await tryRun(from, to);
    if (again !== undefined) results[from] = again;
  }

  async function tryRun(from: number, to: number): Promise<ModelRunError | undefined> {
    try {
      const tensors = await session.run(buffers.feeds(from, to), outputs.tensorNames);
      for (const name of outputs.tensorNames) checkRows(name, tensors[name]?.shape, to - from);
      for (let row = from; row < to; row++)
        results[row] = outputs.encode(tensors, row - from, to - from) ?? noOutput();
      return undefined;
    } catch (error) {
      if (error instanceof ModelRunError) return error;
      throw error;
    }
  }
}

function checkRows(name: string, shape: readonly number[] | undefined, expected: number): void {
  if (shape?.[0] === expected) return;
  throw new ModelRunError(
    `model output "${name}": got shape [${shape?.join(", ") ?? ""}], expected ${expected} row(s) along the first axis; export the model with one output row per input row`,
    { code: "run.output" },
  );
}

function noOutput(): ModelRunError {
  return new ModelRunError(
    "model output: got a value that is not finite, or a row of another width than model.json counts on, expected finite numbers; check the event's features and the model",
    { code: "run.output" },
  );
}
