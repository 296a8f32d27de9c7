import type { Problem } from "../core/features/column.ts";
import type { RowBuffers } from "../core/features/row-buffers.ts";
import { writeWindows } from "../core/inference/event-row.ts";
import type { ModelProgram } from "../core/inference/model-program.ts";
import type { Mark } from "../core/state/mark.ts";
import type { ViewBatch } from "../core/views/view-batch.ts";
import type { Feed } from "../core/views/view-program.ts";

/** An event let in, waiting for the state before it to be read. */
export interface WindowStep {
  readonly feeds: readonly Feed[];
  /** Keys that its features look up. */
  readonly lookups: readonly string[];
  readonly mark: Mark;
  /** Its row, where it asks for a prediction. */
  readonly row: number | undefined;
  /** The time of its windows, epoch milliseconds. */
  readonly askedMs: number;
  /** The shard's newest event time before this event; -Infinity where it is the first. */
  readonly newestMs: number;
}

/** The events of a chunk on their way through the views of one version, in stream order. */
export interface WindowSteps {
  add(step: WindowStep): void;
  /**
   * Read the windows of the events added since the last call into their rows, each as of the events before it, and
   * apply what they feed.
   *
   * @returns rows whose windows give no value that the model can take.
   * @throws {DependencyError} when state cannot be read; nothing was applied then.
   */
  fill(buffers: RowBuffers): Promise<ReadonlyMap<number, Problem>>;
  /** Marks of events that were too late for a view, once per view. */
  readonly late: readonly Mark[];
}

export function createWindowSteps(
  program: Pick<ModelProgram, "views" | "windowed">,
  views: ViewBatch,
): WindowSteps {
  const values = new Float64Array(program.views.windows.length);
  const late: Mark[] = [];
  let steps: WindowStep[] = [];
  return { add: (step) => void steps.push(step), fill, late };

  async function fill(buffers: RowBuffers): Promise<ReadonlyMap<number, Problem>> {
    const chunk = steps;
    steps = [];
    const refused = new Map<number, Problem>();
    if (program.views.views.length === 0) return refused;
    const asking = chunk.filter(({ row }) => row !== undefined);
    await views.load(
      asking.map(({ lookups, askedMs }) => ({ keys: lookups, timeMs: askedMs })),
      chunk.flatMap(({ feeds }) => feeds),
    );
    for (const { feeds, lookups, mark, row, askedMs, newestMs } of chunk) {
      if (row !== undefined) {
        views.read(lookups, askedMs, values);
        const problem = writeWindows(program, values, { buffers, row });
        if (problem !== undefined) refused.set(row, problem);
      }
      for (const feed of feeds) if (views.apply(feed, mark, newestMs) === "late") late.push(mark);
    }
    return refused;
  }
}
