import type { ModelDigest } from "../../functions/contract/ids.ts";
import { stageName } from "../../functions/contract/stack-outputs.ts";
import { ConfigError, InputError, ModelNotFoundError } from "../../functions/core/errors.ts";
import { type LoadedModel, loadModel } from "../../functions/core/inference/loaded-model.ts";
import { incompatibilities } from "../../functions/core/rollout/compatible.ts";
import { shortDigest } from "../../functions/core/rollout/entry-words.ts";
import { versionOf } from "../../functions/core/rollout/version-of.ts";
import { choice, flag, time } from "../cli/option.ts";
import { UsageError } from "../cli/usage-error.ts";
import type { RolloutStage } from "./open-stage.ts";
import { versionOperands } from "./operands.ts";
import { pickModel, requireHistory } from "./pick-model.ts";
import { withStage } from "./reading-commands.ts";
import { compareAnswers } from "./replay/compare-answers.ts";
import { comparisonJson, formatComparison } from "./replay/format-comparison.ts";
import { replayVersion, type VersionReplay } from "./replay/replay-version.ts";
import { type ModelsDeps, type Subcommand, subcommand } from "./subcommand.ts";

/** The command that tries a version on the past, before any live traffic. */
export function replayCommand(deps: ModelsDeps): Subcommand {
  return subcommand(
    {
      usage: "npm run models -- replay",
      takes: "[model] <version>",
      summary:
        "Replay the archive through a version and the champion, and compare what they say; writes nothing.",
      options: {
        from: time("first event, by the events' own time; needed", undefined),
        to: time("last event, exclusive (default the last there is)", undefined),
        stage: choice("stage", stageName.options, "dev"),
        json: flag("print one JSON object"),
      },
      notes: "Holds what both say of every event of the span in memory: about 300 MB per million events.",
    },
    async ({ from, to, stage: name, json }, operands, signal) => {
      if (from === undefined) throw new UsageError("--from: got none, expected a day or time");
      const span = { fromMs: from, toMs: to ?? Number.POSITIVE_INFINITY };
      if (span.toMs <= from) throw new UsageError("--to: got a time not after --from, expected a later one");
      const operand = versionOperands(operands);
      const model = await pickModel(deps, name, operand.model);
      await withStage(deps, name, async (stage) => {
        const digests = await pickBoth(stage, model, operand.version);
        // The version comes first: what is wrong with it shows before the time is spent.
        const version = await replay(stage, "version", digests.version);
        const champion = await replay(stage, "champion", digests.champion);
        const shown = { comparison: compareAnswers(version, champion), version, champion, span };
        if (json) deps.out.line(comparisonJson(shown));
        else for (const line of formatComparison(shown)) deps.out.line(line);
      });

      async function replay(stage: RolloutStage, what: string, digest: ModelDigest): Promise<VersionReplay> {
        const loaded = await load(stage, model, digest);
        try {
          return await deps.working.step(what, ({ progress }) =>
            replayVersion({
              ...{ ...span, model: loaded, data: stage.data, parentsOf: stage.parentsOf, signal },
              noteDamaged: (message) => deps.working.line(`  damaged     ${message}`),
              onProgress: (count) => progress(`${count.toLocaleString("en-US")} events`),
            }),
          );
        } finally {
          await loaded.session.release();
        }
      }
    },
  );
}

async function load(stage: RolloutStage, model: string, digest: ModelDigest): Promise<LoadedModel> {
  return await loadModel(digest, await stage.packages.read(model, digest), {
    engine: stage.engine,
    nowMs: () => performance.now(),
    ...(stage.concealerKeys && { concealerKeys: stage.concealerKeys }),
  });
}

/** The version that is meant and the champion. @throws {HeadraceError} when there is none, or the two cannot be compared. */
async function pickBoth(stage: RolloutStage, model: string, text: string) {
  const history = await requireHistory(stage.ledger, model);
  const version = versionOf(history, text);
  const champion = history[0]!.aliases.champion?.digest;
  if (champion === undefined) {
    throw new ModelNotFoundError(
      `model "${model}": got no champion to compare with; promote a version first`,
      { code: "model.alias", details: { model } },
    );
  }
  if (champion === version) {
    throw new InputError(
      `model "${model}": got ${shortDigest(version)}, which is the champion; name another version`,
      { code: "input.range", details: { model, digest: version } },
    );
  }
  const { declarations } = stage;
  const problems = incompatibilities(
    await declarations.read(model, version),
    await declarations.read(model, champion),
  );
  if (problems.length === 0) return { version, champion };
  throw new ConfigError(
    `model "${model}": got ${shortDigest(version)}, which cannot be compared with the champion ${shortDigest(champion)}\n${problems.map((each) => `  ${each}`).join("\n")}`,
    { code: "config.model", details: { model, problems } },
  );
}
