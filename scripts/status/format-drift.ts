import type { StatisticName } from "../../functions/core/monitor/drift/drift-statistics.ts";
import { formatTable } from "../summary/table.ts";
import type { DriftStatus, DriftWindow, Performance } from "./drift-status.ts";

const statisticNames: Readonly<Record<StatisticName, string>> = {
  normedWasserstein: "Wasserstein",
  jensenShannon: "Jensen-Shannon",
  populationStability: "PSI",
  lInfinity: "L-infinity",
  chiSquareP: "chi-square p",
  missingDifference: "missing",
};

/** Lay out how the newest windows compare with what the model was trained on. @returns lines */
export function formatDrift(drift: DriftStatus): readonly string[] {
  const { alarmed, referenceWindows, windows, features, scores, breaches } = drift;
  const standing =
    referenceWindows === 0
      ? "thresholds: the usual ones, as the reference has too few windows"
      : `thresholds: from ${referenceWindows} windows of the reference`;
  const values = [...scores.map((each) => ({ ...each, name: `prediction (${each.name})` })), ...features];
  return [
    `drift: ${alarmed.length > 0 ? `ALARM ${alarmed.join(", ")}` : "no alarm"}; ${standing}`,
    ...formatTable(
      [
        [
          "window",
          "rows",
          "drifted",
          "log-loss est.",
          "measured",
          "Brier est.",
          "measured",
          "AUC est.",
          "measured",
          "calibration error",
        ],
        ...windows.map(windowRow),
      ],
      { gap: 2, alignRight: [1, 3, 4, 5, 6, 7, 8, 9] },
    ),
    ...(values.length === 0
      ? []
      : formatTable(
          [
            ["furthest from the reference", "by", "value", "threshold", ""],
            ...values.map(({ name, statistic, value, threshold, drifted }) => [
              name,
              statisticNames[statistic],
              value.toFixed(3),
              threshold.toFixed(3),
              drifted ? "drifted" : "",
            ]),
          ],
          { gap: 2, alignRight: [2, 3] },
        )),
    ...breaches.map(
      ({ feature, rule, share, least }) =>
        `rule ${feature}.${rule}: kept by ${percent(share)} of the values, at least ${percent(least)} are asked for`,
    ),
  ];
}

function windowRow({ from, rows, verdict, drifted, estimated, measured }: DriftWindow): string[] {
  const figure = (of: Performance | null, name: "logLoss" | "brier" | "auc") => of?.[name]?.toFixed(4) ?? "–";
  const pair = (name: "logLoss" | "brier" | "auc") => [figure(estimated, name), figure(measured, name)];
  const found =
    verdict === "few"
      ? "too few rows"
      : verdict === "begun"
        ? "not whole"
        : `${drifted.slice(0, 3).join(", ") || "nothing"}${drifted.length > 3 ? ` and ${drifted.length - 3} more` : ""}`;
  return [
    from.slice(0, 16).replace("T", " "),
    rows.toLocaleString("en-US"),
    found,
    ...pair("logLoss"),
    ...pair("brier"),
    ...pair("auc"),
    measured?.ece?.toFixed(4) ?? "–",
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
