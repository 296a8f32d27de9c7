import type { AccuracyFigures } from "../../../functions/core/outcome/accuracy/accuracy-partial.ts";
import { shortDigest } from "../../../functions/core/rollout/entry-words.ts";
import type { Span } from "../../backfill/event-span.ts";
import { formatTable } from "../../summary/table.ts";
import type { Comparison } from "./compare-answers.ts";
import type { VersionReplay } from "./replay-version.ts";

export interface ShownComparison {
  readonly comparison: Comparison;
  readonly version: VersionReplay;
  readonly champion: VersionReplay;
  readonly span: Span;
}

/** Lay a comparison out for people. @returns its lines. */
export function formatComparison(shown: ShownComparison): readonly string[] {
  const { comparison, version, champion, span } = shown;
  const { answeredByBoth, byChampionOnly, byVersionOnly, scores, accuracy } = comparison;
  const rows: [string, string][] = [
    [
      "events",
      `${count(answeredByBoth)} answered by both, ${count(byChampionOnly)} by the champion alone, ${count(byVersionOnly)} by the version alone`,
    ],
    ["rejected", `champion ${rejects(champion)}; version ${rejects(version)}`],
  ];
  if (scores !== undefined) {
    const mean = scores.mean === null ? "" : `mean ${signed(scores.mean)}, `;
    rows.push(
      [
        "scores",
        `${(100 * scores.equalRatio).toFixed(1)} % equal; difference ${mean}mean size ${plain(scores.meanSize)},`,
      ],
      [
        "",
        `median ${plain(scores.p50)}, p99 ${plain(scores.p99)}, greatest ${plain(scores.greatest)} (event ${scores.greatestAt})`,
      ],
    );
  }
  if (accuracy === undefined) rows.push(["outcomes", "none of these events has a known one"]);
  return [
    `${version.package.name}: ${shortDigest(version.digest)} beside the champion ${shortDigest(champion.digest)}, events of ${instant(span.fromMs)} to ${instant(span.toMs)}`,
    ...formatTable(rows, { gap: 2 }).map((line) => `  ${line}`),
    ...(accuracy === undefined ? [] : figureLines(accuracy).map((line) => `  ${line}`)),
  ];
}

/** What `--json` prints: stable, one object. */
export function comparisonJson({ comparison, version, champion, span }: ShownComparison): string {
  const side = ({ digest, replayed }: VersionReplay) => ({
    digest,
    predictions: replayed.predictions,
    rejectedByReason: replayed.rejectedByReason,
  });
  return JSON.stringify({
    model: version.package.name,
    from: instant(span.fromMs),
    to: instant(span.toMs),
    version: side(version),
    champion: side(champion),
    ...comparison,
    scores: comparison.scores ?? null,
    accuracy: comparison.accuracy ?? null,
  });
}

const headings: Readonly<Record<string, string>> = {
  auc: "AUC",
  logLoss: "log-loss",
  brier: "Brier",
  ece: "ECE",
  accuracy: "accuracy",
  precision: "precision",
  recall: "recall",
  mae: "MAE",
  rmse: "RMSE",
  bias: "bias",
};

function figureLines({ champion, version }: NonNullable<Comparison["accuracy"]>): readonly string[] {
  const of = (figures: AccuracyFigures) => figures as unknown as Readonly<Record<string, number | undefined>>;
  const rows = Object.entries(headings).flatMap(([name, heading]) => {
    const [ours, theirs] = [of(version)[name], of(champion)[name]];
    if (ours === undefined || theirs === undefined) return [];
    return [[heading, plain(theirs), plain(ours), signed(ours - theirs)]];
  });
  const head = [`${count(version.count)} outcomes`, "champion", "version", "difference"];
  return formatTable([head, ...rows], { gap: 2, alignRight: [1, 2, 3] });
}

function rejects({ replayed: { rejected, rejectedByReason } }: VersionReplay): string {
  const reasons = Object.entries(rejectedByReason).map(([code, n]) => `${count(n)} ${code}`);
  return reasons.length === 0 ? count(rejected) : reasons.join(", ");
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

function plain(value: number): string {
  return Math.abs(value) < 100
    ? value.toFixed(5)
    : value.toLocaleString("en-US", { maximumFractionDigits: 1 });
}

function signed(value: number): string {
  return `${value < 0 ? "" : "+"}${plain(value)}`;
}

function instant(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString().replace(".000Z", "Z") : "the end";
}
