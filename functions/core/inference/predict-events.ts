import type { Problem } from "../features/column.ts";
import type { RowBuffers } from "../features/row-buffers.ts";
import { joinProblems, readEvent } from "./event-row.ts";
import type { ModelProgram } from "./model-program.ts";
import type { ModelSession } from "./model-session.ts";
import { runRows } from "./run-rows.ts";
import type { Sample } from "./samples.ts";

/** What the model says to one event, or why it says nothing. */
export type EventAnswer = { readonly outputs: Sample["outputs"] } | Problem;

/**
 * Answer whole events, outside any stream: no ids, no cache, nothing stored.
 *
 * @param payloads - one event's bytes each; `predictOn` is not asked, since whoever calls wants an answer.
 * @returns one answer per event, in order.
 */
export async function predictEvents(
  model: { readonly program: ModelProgram; readonly session: ModelSession; readonly buffers: RowBuffers },
  payloads: readonly Buffer[],
): Promise<EventAnswer[]> {
  const { program, session, buffers } = model;
  const answers: EventAnswer[] = [];
  for (let from = 0; from < payloads.length; from += buffers.capacity) {
    const chunk = payloads.slice(from, from + buffers.capacity);
    const problems = chunk.map((): Problem | undefined => undefined);
    const rowOf = new Map<number, number>();
    chunk.forEach((payload, i) => {
      problems[i] = encodeEvent(payload, rowOf.size);
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

  function encodeEvent(payload: Buffer, row: number): Problem | undefined {
    const unreadable = readEvent(program, payload);
    if (unreadable !== undefined) return { code: unreadable.code, message: unreadable.message };
    if (program.encoder.encode(program.reader.fields, buffers, row)) return undefined;
    return joinProblems(program.encoder.explain(program.reader.fields, buffers, row));
  }
}
