import { stageName } from "../../functions/contract/stack-outputs.ts";
import { liveAt } from "../../functions/core/rollout/live-at.ts";
import { readHistory } from "../../functions/core/rollout/read-history.ts";
import { choice, flag, integer, time } from "../cli/option.ts";
import { formatHistory, formatModel, formatModels, formatVersions } from "./format-models.ts";
import { historyAt, reportModel } from "./model-report.ts";
import { modelOperand } from "./operands.ts";
import { pickModel, requireHistory } from "./pick-model.ts";
import { type ModelsDeps, type Subcommand, subcommand } from "./subcommand.ts";

const readingOptions = {
  at: time("what was live then; now where it is left out", undefined),
  stage: choice("stage", stageName.options, "dev"),
  json: flag("print one JSON object"),
};

/** The commands that only look: list, show and history. */
export function readingCommands(deps: ModelsDeps): Readonly<Record<string, Subcommand>> {
  const { out } = deps;
  return {
    list: subcommand(
      {
        usage: "npm run models -- list",
        takes: "[model]",
        summary: "List the models of a stage, or the versions of one model.",
        options: readingOptions,
      },
      async ({ at, stage: name, json }, operands) => {
        const model = modelOperand(operands);
        await withStage(deps, name, async (stage) => {
          if (model !== undefined) {
            const report = reportModel(entriesAt(await requireHistory(stage.ledger, model), at, model));
            if (json) out.line(JSON.stringify({ model, versions: report.versions }));
            else for (const line of formatVersions(report)) out.line(line);
            return;
          }
          const histories = await Promise.all(
            (await deps.listModels(name)).map((each) => readHistory(stage.ledger, each)),
          );
          const reports = histories
            .map((history) => historyAt(history, at))
            .filter((history) => history.length > 0)
            .map(reportModel);
          if (json) out.line(JSON.stringify({ stage: name, models: reports }));
          else for (const line of formatModels(reports)) out.line(line);
        });
      },
    ),
    show: subcommand(
      {
        usage: "npm run models -- show",
        takes: "[model]",
        summary: "Show what is live of a model, since when, and how it compares with the champion.",
        options: readingOptions,
      },
      async ({ at, stage: name, json }, operands) => {
        const model = await pickModel(deps, name, modelOperand(operands));
        await withStage(deps, name, async (stage) => {
          const history = entriesAt(await requireHistory(stage.ledger, model), at, model);
          const report = reportModel(history);
          // Of the past the comparison is not kept: what outcomes told since would be in it.
          const verdict = at === undefined ? await deps.readVerdict?.(stage, report.newest) : undefined;
          if (json) out.line(JSON.stringify({ ...report, verdict: verdict?.json ?? null }));
          else for (const line of formatModel(report, verdict?.lines ?? [])) out.line(line);
        });
      },
    ),
    history: subcommand(
      {
        usage: "npm run models -- history",
        takes: "[model]",
        summary: "Show a model's ledger: what was moved, by whom and why, the newest first.",
        options: {
          ...readingOptions,
          limit: integer("entries at most", { min: 1, max: 100_000, fallback: 20 }),
        },
      },
      async ({ at, limit, stage: name, json }, operands) => {
        const model = await pickModel(deps, name, modelOperand(operands));
        await withStage(deps, name, async ({ ledger }) => {
          const history = entriesAt(await requireHistory(ledger, model), at, model).slice(0, limit);
          if (json) out.line(JSON.stringify({ model, entries: history }));
          else for (const line of formatHistory(history)) out.line(line);
        });
      },
    ),
  };
}

/** Open a stage for as long as something is done with it. */
export async function withStage(
  deps: ModelsDeps,
  name: Parameters<ModelsDeps["open"]>[0],
  act: (stage: Awaited<ReturnType<ModelsDeps["open"]>>) => Promise<void>,
): Promise<void> {
  const stage = await deps.open(name);
  try {
    await act(stage);
  } finally {
    stage.close();
  }
}

function entriesAt(
  history: Awaited<ReturnType<typeof requireHistory>>,
  at: number | undefined,
  model: string,
) {
  if (at === undefined || liveAt(history, at) !== undefined) return historyAt(history, at);
  const first = history.at(-1)!.at;
  throw new Error(
    `--at: got ${new Date(at).toISOString()}, when nothing of "${model}" was published; its ledger begins at ${first}`,
  );
}
