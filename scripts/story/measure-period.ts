import type { ModelDigest } from "../../functions/contract/ids.ts";
import type { TrainingManifest } from "../../functions/contract/training-data.ts";
import type { RowLayout } from "../../functions/core/features/row-layout.ts";
import type { HoldoutScores } from "../../functions/core/train/evaluate/holdout-figures.ts";
import { scoreRows } from "../../functions/core/train/evaluate/score-rows.ts";
import type { ExampleRows } from "./example-log.ts";
import { concatRows, type ScoredRows } from "./score-log.ts";
import type { StoryStage } from "./story-stage.ts";

/** The time in which one champion served. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
  readonly champion: ModelDigest;
  /** The champion before it; undefined for the first. */
  readonly replaced: ModelDigest | undefined;
}

/** A period, and what each version says of its flights. */
export interface MeasuredPeriod extends Period {
  readonly rows: ScoredRows;
  /** Of the champion on all flights, though a challenger answered some. */
  readonly champions: Float32Array;
  /** Of the champion before it, had it stayed. */
  readonly replacedOnes: Float32Array | undefined;
}

export interface MeasureOptions {
  readonly period: Period;
  /** The version that never is replaced. */
  readonly frozen: ModelDigest;
  readonly layout: RowLayout;
}

/** Score the served rows of a period, which must still be in the log, with the versions that it is about. */
export async function measurePeriod(
  stage: StoryStage,
  { period, frozen, layout }: MeasureOptions,
): Promise<MeasuredPeriod> {
  const { fromMs, toMs, champion, replaced } = period;
  const parts = [...stage.examples.rowsBetween(fromMs, toMs)].filter(({ count }) => count > 0);
  const scores = new Map<ModelDigest, HoldoutScores>();
  for (const digest of new Set([frozen, champion, ...(replaced === undefined ? [] : [replaced])]))
    scores.set(digest, await scoresOf(stage, { digest, parts, layout }));
  const labels = scores.get(frozen)!.labels;
  const served = concatRows(
    parts.map(({ timesMs, scores: living }) => ({ timesMs, living, labels: living, frozen: living })),
  );
  return {
    ...period,
    rows: { ...served, labels, frozen: scores.get(frozen)!.scores },
    champions: scores.get(champion)!.scores,
    replacedOnes: replaced === undefined ? undefined : scores.get(replaced)!.scores,
  };
}

/** By a session of its own: the loader may have released the version's. */
async function scoresOf(
  { engine, packages, model, schema }: StoryStage,
  {
    digest,
    parts,
    layout,
  }: {
    readonly digest: ModelDigest;
    readonly parts: readonly ExampleRows[];
    readonly layout: RowLayout;
  },
): Promise<HoldoutScores> {
  const session = await engine.createSession((await packages.read(model, digest)).get("model.onnx")!);
  const manifest: Pick<TrainingManifest, "features" | "label"> = schema;
  try {
    return await scoreRows({
      ...{ session, layout, manifest },
      rows: rowsOf(parts),
    });
  } finally {
    await session.release();
  }
}

async function* rowsOf(parts: readonly ExampleRows[]): AsyncGenerator<Float32Array> {
  for (const { rows } of parts) yield rows;
}
