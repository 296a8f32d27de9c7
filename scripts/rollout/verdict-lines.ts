import { shortDigest } from "../../functions/core/rollout/entry-words.ts";
import type { GuardRail } from "../../functions/core/rollout/verdict/guard-rails.ts";
import type { ModelVerdict } from "../../functions/core/rollout/verdict/read-verdict.ts";
import type { Comparison, Verdict } from "../../functions/core/rollout/verdict/verdict.ts";
import { formatTable } from "../summary/table.ts";

/** Lay a verdict out for the terminal: what to do, the numbers it stands on, and those that are only shown. */
export function verdictLines({ role, champion, other, loss, verdict }: ModelVerdict): readonly string[] {
  return [
    `${role} ${shortDigest(other)} beside champion ${shortDigest(champion)}: ${verdict.decision.toUpperCase()}, ${verdict.why}`,
    ...indent(measureLines(loss, verdict)),
    ...[figureTable(role, loss, verdict), segmentTable(verdict), railTable(verdict.guardRails)]
      // A table of nothing but its head says nothing.
      .filter((table) => table.length > 1)
      .flatMap((table) => ["", ...indent(table)]),
  ];
}

function measureLines(loss: string, verdict: Verdict): readonly string[] {
  const { difference, alpha, blockCount, detectable, openCount } = verdict;
  const open = openCount === 0 ? "" : `; ${count(openCount)} more of days that are not over`;
  const days = `${count(blockCount)} ${blockCount === 1 ? "day" : "days"}`;
  const rows = [
    ["outcomes", `${count(verdict.count)} in ${days}${open}`],
    [`${loss}, difference`, difference === undefined ? "–" : signed(difference)],
    [`  lies within`, `${intervalOf(verdict)}, ${percent(1 - alpha)} sure at all looks together`],
    [
      "  found by now",
      detectable === null
        ? "nothing yet: too few days"
        : `differences from ${plain(detectable)} on, in 4 of 5 cases`,
    ],
  ];
  return formatTable(rows, { gap: 2 });
}

function figureTable(role: string, loss: string, { shown }: Verdict): readonly string[] {
  const figures: readonly [string, number | undefined, number | undefined][] = [
    [loss, shown.champion.loss, shown.other.loss],
    ["log-loss", shown.champion.logLoss, shown.other.logLoss],
    ["AUC", shown.champion.auc, shown.other.auc],
  ];
  const rows = figures
    .filter(([, own, others]) => own !== undefined || others !== undefined)
    .map(([name, own, others]) => [name, numberOf(own), numberOf(others)]);
  return formatTable([["all so far", "champion", role], ...rows], { gap: 2, alignRight: [1, 2] });
}

function segmentTable({ segments }: Verdict): readonly string[] {
  const rows = segments.map((each) => [
    each.name,
    each.value ?? "(others)",
    count(each.count),
    each.difference === undefined ? "–" : signed(each.difference),
    intervalOf(each),
    each.finding,
  ]);
  const head = ["segment", "value", "outcomes", "difference", "lies within", "finding"];
  return formatTable([head, ...rows], { gap: 2, alignRight: [2, 3] });
}

function railTable(rails: readonly GuardRail[]): readonly string[] {
  const rows = rails.map(({ name, got, allowed, isBroken }) => {
    const write = name === "latency" ? (value: number) => `${value.toFixed(2)} ×` : percent;
    return [name, got === undefined ? "–" : write(got), write(allowed), isBroken ? "BROKEN" : ""];
  });
  return formatTable([["guard rail", "got", "allowed", ""], ...rows], { gap: 2, alignRight: [1, 2] });
}

function intervalOf({ interval: [low, high] }: Comparison): string {
  return low === null || high === null ? "–" : `${signed(low)} to ${signed(high)}`;
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${plain(Math.abs(value))}`;
}

function plain(value: number): string {
  return Math.abs(value) < 100 ? value.toFixed(5) : value.toPrecision(6);
}

function numberOf(value: number | undefined): string {
  return value === undefined ? "–" : plain(value);
}

function percent(ratio: number): string {
  return `${(100 * ratio).toLocaleString("en-US", { maximumFractionDigits: 2 })} %`;
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
