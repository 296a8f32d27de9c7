import type { LedgerEntry } from "../../functions/contract/ledger.ts";
import type { StageName } from "../../functions/contract/stack-outputs.ts";
import { ModelNotFoundError } from "../../functions/core/errors.ts";
import type { Ledger } from "../../functions/core/rollout/ledger.ts";
import { readHistory } from "../../functions/core/rollout/read-history.ts";
import { UsageError } from "../cli/usage-error.ts";
import type { ModelsDeps } from "./subcommand.ts";

/**
 * The model that is meant: the one named, or the stage's only one.
 *
 * @throws {UsageError} when none is named and the stage has not exactly one.
 */
export async function pickModel(
  { listModels }: Pick<ModelsDeps, "listModels">,
  stage: StageName,
  named: string | undefined,
): Promise<string> {
  if (named !== undefined) return named;
  const models = await listModels(stage);
  if (models.length === 1) return models[0]!;
  throw new UsageError(
    `model: got none, and the stage ${stage} has ${models.length === 0 ? "none" : models.join(", ")}; name one`,
  );
}

/** @returns the model's entries, newest first. @throws {ModelNotFoundError} `model.unknown` when nothing was published. */
export async function requireHistory(ledger: Ledger, model: string): Promise<readonly LedgerEntry[]> {
  const history = await readHistory(ledger, model);
  if (history.length > 0) return history;
  throw new ModelNotFoundError(
    `model "${model}": nothing was published under this name; npm run models -- list shows the stage's models`,
    { code: "model.unknown", details: { model } },
  );
}
