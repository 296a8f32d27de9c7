import type { RowSchema } from "../core/train/assemble/row-schema.ts";
import { openModel } from "../core/train/evaluate/open-model.ts";
import { createRowScorer } from "../core/train/evaluate/row-scorer.ts";
import type { ChampionData } from "./champion-data.ts";
import type { AssembleDeps } from "./deps.ts";

export interface Teacher {
  /** Put its scores in place of the labels. @param rows - row-major, of the schema's width. */
  readonly relabel: (rows: Float32Array) => Promise<void>;
  readonly release: () => Promise<void>;
}

/**
 * Make the champion ready to teach.
 *
 * @throws {ModelArtifactError} when it cannot be loaded, or has not the output that its package scores.
 */
export async function openTeacher(
  { digest, package: pkg }: ChampionData,
  {
    model,
    schema,
    deps: { packages, engine },
  }: { readonly model: string; readonly schema: RowSchema; readonly deps: AssembleDeps },
): Promise<Teacher> {
  const files = await packages.read(model, digest);
  const opened = await openModel(files.get("model.onnx")!, pkg, engine);
  const scorer = createRowScorer(opened, schema);
  return {
    async relabel(rows) {
      const scores = await scorer.score(rows);
      for (const [row, score] of scores.entries()) rows[(row + 1) * schema.width - 2] = score;
    },
    release: () => opened.session.release(),
  };
}
