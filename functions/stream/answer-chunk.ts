import type { Problem } from "../core/features/column.ts";
import type { LoadedModel } from "../core/inference/loaded-model.ts";
import type { RowResult } from "../core/inference/run-rows.ts";
import type { RowsBeside } from "../core/prediction/prediction-builder.ts";
import { answerRows, type RowSegments } from "../core/rollout/answer-rows.ts";
import type { Challenger } from "./challenger.ts";
import type { StreamDeps } from "./deps.ts";
import type { SketchTurn } from "./sketch-chunk.ts";

export interface AnswerChunkOptions {
  readonly champion: LoadedModel;
  /** Absent where none is on. */
  readonly challenger: Challenger | undefined;
  /** Rows that stand in the champion's buffers. */
  readonly count: number;
  /** Rows that neither is to answer, and why. */
  readonly refused: ReadonlyMap<number, Problem> | undefined;
  /** What routes each row. */
  readonly entityOf: (row: number) => string;
  /** Each row's segments. */
  readonly segments: readonly RowSegments[];
  readonly sketch: SketchTurn;
  /** Whether the rows served are kept. */
  readonly keepsRows: boolean;
  readonly deps: StreamDeps;
}

export interface AnsweredChunk {
  /** Per row the outputs as JSON text, or why it has none. */
  readonly results: readonly (RowResult | Problem)[];
  /** Absent where the champion was alone. */
  readonly beside: RowsBeside | undefined;
}

/**
 * Ask the champion, then the challenger if one is on, and decide whose word is each row's answer.
 *
 * @throws {ModelArtifactError} when the champion fails on everything; what a challenger does wrong never throws.
 */
export async function answerChunk(options: AnswerChunkOptions): Promise<AnsweredChunk> {
  const { champion, challenger, count, refused, sketch, deps } = options;
  const counted = sketch(champion, "champion", count);
  const startedMs = deps.nowMs();
  const own = await champion.predictor.predict(count);
  const championMs = deps.nowMs() - startedMs;
  counted?.(own, championMs);
  const results = own.map((result, row) => refused?.get(row) ?? result);
  const said = await challenger?.score({ count, championMs, sketch, keepsRows: options.keepsRows });
  if (said === undefined) return { results, beside: undefined };
  const { outputs, answerers, rivals } = answerRows({
    champion: { digest: champion.digest, results },
    challenger: { ...said, results: said.results.map((each, row) => (refused?.has(row) ? undefined : each)) },
    entities: results.map((_, row) => options.entityOf(row)),
    segments: options.segments,
  });
  const answered = answerers.filter((by) => by !== undefined).length;
  deps.metrics.add("ChallengerAnswers", answered, "Count");
  return {
    results: outputs.map((text, row) => text ?? results[row]!),
    beside: { answerers, rivals, ...(said.features && { features: said.features }) },
  };
}
