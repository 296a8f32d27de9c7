import type { Problem } from "../features/column.ts";
import type { RowBuffers } from "../features/row-buffers.ts";
import { joinProblems, readEvent, writeWindows } from "./event-row.ts";
import type { ModelProgram } from "./model-program.ts";
import type { ModelSession } from "./model-session.ts";
import { runRows } from "./run-rows.ts";
import type { Sample } from "./samples.ts";

/** What the model says to one event, or why it says nothing. */
export type EventAnswer = { readonly outputs: Sample["outputs"] } | Problem;

/** An event to answer: its bytes, and what its windows hold by the features' names; those not named are empty. */
export interface GivenEvent {
  readonly payload: Buffer;
  readonly features?: Readonly<Record<string, number>> | undefined;
}

/**
 * Answer whole events, outside any stream: no ids, no cache, no state, nothing stored.
 *
 * @param events - `predictOn` is not asked, since whoever calls wants an answer.
 * @returns one answer per event, in order.
 */
export async function predictEvents(
  model: { readonly program: ModelProgram; readonly session: ModelSession; readonly buffers: RowBuffers },
  events: readonly GivenEvent[],
): Promise<EventAnswer[]> {
  const { program, session, buffers } = model;
  const windows = new Float64Array(program.views.windows.length);
  const answers: EventAnswer[] = [];
  for (let from = 0; from < events.length; from += buffers.capacity) {
    const chunk = events.slice(from, from + buffers.capacity);
    const problems = chunk.map((): Problem | undefined => undefined);
    const rowOf = new Map<number, number>();
    chunk.forEach((event, i) => {
      problems[i] = encodeEvent(event, rowOf.size);
      if (problems[i] === undefined) rowOf.set(i, rowOf.size);
    });
    const results = await runRows({ session, outputs: program.outputs, buffers, count: rowOf.size });
    for (let i = 0; i < chunk.length; i++) {
      const result = results[rowOf.get(i) ?? -1];
      if (typeof result === "string") answers.push({ outputs: JSON.parse(result) as Sample["outputs"] });
      else answers.push(problems[i] ?? { code: result!.code, message: result!.message });
    }
  }
  return answers;

  function encodeEvent({ payload, features = {} }: GivenEvent, row: number): Problem | undefined {
    const unreadable = readEvent(program, payload);
    if (unreadable !== undefined) return { code: unreadable.code, message: unreadable.message };
    const { fields } = program.reader;
    if (!program.encoder.encode(fields, buffers, row))
      return joinProblems(program.encoder.explain(fields, buffers, row));
    program.views.windows.forEach(({ name }, i) => {
      windows[i] = features[name] ?? Number.NaN;
    });
    return writeWindows(program, windows, { buffers, row });
  }
}
