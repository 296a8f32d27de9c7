import { styleText } from "node:util";
import { formatTable } from "../../scripts/summary/table.ts";
import { isMissed, isNoisy, type Result, type SelfCheck } from "./result.ts";

/** The results as lines of a table for people. */
export function reportLines(results: readonly Result[], selfChecks: readonly SelfCheck[]): string[] {
  const rows = [
    ["", "ratio", "quartiles", "floor", "", "measured"],
    ...results.map((result) => [
      result.name,
      show(result.ratio),
      quartiles(result),
      result.floor === null ? "–" : `${result.better === "higher" ? "≥" : "≤"} ${show(result.floor)}`,
      result.floor === null ? "" : isMissed(result) ? "missed" : "met",
      result.detail,
    ]),
    ...selfChecks.map((check) => [
      `A/A ${check.name}`,
      show(check.ratio),
      quartiles(check),
      "0.95–1.05",
      isNoisy(check) ? "noisy" : "quiet",
      "",
    ]),
  ];
  const [head, ...body] = formatTable(rows, { gap: 2, alignRight: [1, 2, 3] });
  return [styleText("bold", head!), ...body];
}

function quartiles({ low, high }: { low: number; high: number }): string {
  return low === high ? "" : `${show(low)}–${show(high)}`;
}

function show(ratio: number): string {
  return ratio >= 10 ? ratio.toFixed(1) : ratio.toFixed(ratio < 1 ? 3 : 2);
}
