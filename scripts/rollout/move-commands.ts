import { type StageName, stageName } from "../../functions/contract/stack-outputs.ts";
import { moveAlias } from "../../functions/core/rollout/move-alias.ts";
import type { Move } from "../../functions/core/rollout/moves.ts";
import { readHistory } from "../../functions/core/rollout/read-history.ts";
import { choice, flag, text } from "../cli/option.ts";
import { backfillCommand } from "./backfill-command.ts";
import { createMoveCheck } from "./move-check.ts";
import { modelOperand, type RatioOperands, ratioOperands, versionOperands } from "./operands.ts";
import { pickModel, requireHistory } from "./pick-model.ts";
import { withStage } from "./reading-commands.ts";
import { moveJson, showMove } from "./show-move.ts";
import { type ModelsDeps, type Subcommand, subcommand } from "./subcommand.ts";

/** The commands that move an alias: promote, rollback, share and shadow. */
export function moveCommands(deps: ModelsDeps): Readonly<Record<string, Subcommand>> {
  const options = {
    why: text("for the ledger", { placeholder: "REASON", maxLength: 1000, fallback: "by hand" }),
    by: text("for the ledger", { placeholder: "WHO", maxLength: 200, fallback: deps.user }),
    cold: flag("move although the windows of its views lack the past"),
    stage: choice("stage", stageName.options, "dev"),
    json: flag("print one JSON object"),
  };
  const { cold: _, ...withoutCold } = options;
  return {
    promote: subcommand(
      {
        usage: "npm run models -- promote",
        takes: "[model] <version>",
        summary: "Make a version the champion: the one that answers.",
        options,
        notes: versionNote,
      },
      async (values, operands) => {
        const { model, version } = versionOperands(operands);
        await make(model, { kind: "promote", version }, values);
      },
    ),
    rollback: subcommand(
      {
        usage: "npm run models -- rollback",
        takes: "[model]",
        summary: "Make the champion before the present one the champion again.",
        options: withoutCold,
      },
      (values, operands) => make(modelOperand(operands), { kind: "rollback" }, { ...values, cold: false }),
    ),
    share: subcommand(
      {
        usage: "npm run models -- share",
        takes: "[model] [version] <percent|off>",
        summary:
          "Let a version score every event beside the champion and answer a share of the entities: 0 answers none, off ends it.",
        options,
        notes: `${versionNote}\nThe version may be left out where it is the challenger already.`,
      },
      (values, operands) => {
        const { model, ...given } = ratioOperands(operands);
        return make(model, rivalMove("challenger", given), values);
      },
    ),
    shadow: subcommand(
      {
        usage: "npm run models -- shadow",
        takes: "[model] [version] <percent|off>",
        summary:
          "Let a version score a sample of the events once they are answered, with no effect on anybody; off ends it.",
        options,
        notes: `${versionNote}\nThe version may be left out where it is the shadow already.`,
      },
      (values, operands) => {
        const { model, ...given } = ratioOperands(operands);
        return make(model, rivalMove("shadow", given), values);
      },
    ),
  };

  async function make(named: string | undefined, move: Move, values: MoveValues): Promise<void> {
    const model = await pickModel(deps, values.stage, named);
    await withStage(deps, values.stage, async (stage) => {
      await requireHistory(stage.ledger, model);
      const moved = await moveAlias({
        ...{ ledger: stage.ledger, model, move, by: values.by, why: values.why, now: deps.now },
        check: createMoveCheck({
          ...{ ...stage, isColdAllowed: values.cold, now: deps.now },
          backfillCommand: (version, from) =>
            backfillCommand(`${version.model}@${version.digest.slice(0, 12)}`, from, values.stage),
        }),
      });
      const history = await readHistory(stage.ledger, model);
      const shown = {
        ...moved,
        history: history.filter(({ revision }) => revision <= moved.entry.revision),
        stageOption: values.stage === "dev" ? "" : ` --stage ${values.stage}`,
      };
      deps.out.line(values.json ? moveJson(shown) : showMove(shown));
    });
  }
}

interface MoveValues {
  readonly why: string;
  readonly by: string;
  readonly cold: boolean;
  readonly stage: StageName;
  readonly json: boolean;
}

const versionNote =
  "A version is named by challenger, shadow, or the first six or more digits of its digest; npm run models -- list <model> shows them.";

function rivalMove(
  alias: "challenger" | "shadow",
  { version, ratio }: Pick<RatioOperands, "version" | "ratio">,
): Move {
  if (ratio === "off") return { kind: "stop", alias, ...(version !== undefined && { version }) };
  const named = version ?? alias;
  return alias === "challenger"
    ? { kind: "share", version: named, share: ratio }
    : { kind: "shadow", version: named, sample: ratio };
}
