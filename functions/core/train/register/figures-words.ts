import type { RolloutInput } from "../../../contract/learning.ts";
import type { TrainingManifest } from "../../../contract/training-data.ts";

type Figures = Extract<RolloutInput, { action: "register" }>["figures"];

/** How a version did on held-out rows beside the champion, for people. */
export function figuresWords(
  { champion, challenger }: Figures,
  kind: TrainingManifest["label"]["kind"],
): string {
  const figures = [
    [kind === "number" ? "root mean squared error" : "log-loss", challenger.loss, champion.loss],
    ["AUC", challenger.auc, champion.auc],
  ] as const;
  const shown = figures.flatMap(([name, got, before]) =>
    got === undefined ? [] : [`${name} ${textOf(got)} (champion ${textOf(before)})`],
  );
  return `on ${challenger.rows} held-out rows ${shown.join(", ")}`;
}

function textOf(value: number | null | undefined): string {
  return value === undefined || value === null ? "unknown" : value.toPrecision(5);
}
