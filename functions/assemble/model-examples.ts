import { secondsOf } from "../contract/duration.ts";
import type { ModelDigest } from "../contract/ids.ts";
import type { Training } from "../contract/training.ts";
import { ModelArtifactError } from "../core/errors.ts";
import { createRowDecoders } from "../core/outcome/row-decoders.ts";
import { hasSameInputs } from "../core/rollout/compatible.ts";
import type { UsableExample } from "../core/train/assemble/assemble.ts";
import { usableExamples } from "../core/train/assemble/usable-examples.ts";
import { newestHour } from "../core/train/examples/newest-hour.ts";
import { readEarly } from "../core/train/examples/read-early.ts";
import { readExamples } from "../core/train/examples/read-examples.ts";
import type { ChampionData } from "./champion-data.ts";
import type { AssembleDeps } from "./deps.ts";

const hourMs = 3_600_000;

/**
 * Every example that the rows of `training.rows.over` can come from, each event once.
 *
 * The span ends with the newest outcome, whenever that was: the newest event lies at most `outcome.within` before it.
 *
 * @returns undefined where there are no examples at all.
 * @throws {DependencyError} when a store cannot be reached.
 */
export async function examplesOf(
  model: string,
  champion: ChampionData,
  { training, deps }: { readonly training: Training; readonly deps: AssembleDeps },
): Promise<(() => AsyncIterable<UsableExample>) | undefined> {
  const { store, declarations, layouts, outcomes, logger } = deps;
  const within = { store, model, nowMs: deps.now() };
  const hours = [await newestHour("examples", within), await newestHour("early", within)];
  const newestMs = Math.max(...hours.map((hour) => hour ?? Number.NEGATIVE_INFINITY));
  if (newestMs === Number.NEGATIVE_INFINITY) return undefined;
  const withinMs = secondsOf(champion.package.outcome!.within) * 1000;
  const overMs = secondsOf(training.rows.over) * 1000;
  const span = { fromMs: newestMs - withinMs - overMs, untilMs: newestMs + hourMs };
  const noteDamaged = (message: string) => logger.warn("an example cannot be read", { message });
  const decoders = createRowDecoders({ model, layouts, logger });
  decoders.know(champion.digest, champion.layout);
  return () =>
    usableExamples({
      ...{ model, outcomes, decoders, withinMs, hasSameInputs: isLikeChampion },
      examples: readExamples({ store, model, noteDamaged, ...span }),
      early: readEarly({ store, model, noteDamaged, ...span }),
    });

  async function isLikeChampion(digest: ModelDigest): Promise<boolean> {
    if (digest === champion.digest) return true;
    try {
      return hasSameInputs(await declarations.read(model, digest), champion.package);
    } catch (error) {
      if (!(error instanceof ModelArtifactError)) throw error;
      logger.warn("what this version was asked is not known; its examples are left out", { digest, error });
      return false;
    }
  }
}
