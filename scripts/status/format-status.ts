import { percentText, shortDigest } from "../../functions/core/rollout/entry-words.ts";
import { formatTable } from "../summary/table.ts";
import { formatDrift } from "./format-drift.ts";
import type { AlarmStatus, ModelStatus, StageLatency, StatusReport } from "./status-report.ts";

/** How headings and remarks are set off; plain text where colours are not wanted. */
export interface Emphasis {
  bold(text: string): string;
  dim(text: string): string;
}

/** Lay a report out for a terminal. @returns its lines. */
export function formatStatus(report: StatusReport, { bold, dim }: Emphasis): readonly string[] {
  const { stage, from, until, models, alarms } = report;
  return [
    dim(`stage ${stage}, ${minuteOf(from)} to ${minuteOf(until)} UTC`),
    ...models.flatMap((each) => ["", bold(each.model), ...modelLines(each)]),
    "",
    ...alarmLines(alarms.inAlarm, alarms.evaluated),
  ];
}

function modelLines(model: ModelStatus): readonly string[] {
  const { champion, api, cache, functions } = model;
  const reasons = Object.entries(model.rejectedByReason).map(([reason, n]) => `${reason} ${count(n)}`);
  const rows: [string, string][] = [
    [
      "champion",
      champion === null
        ? "none: nothing is published"
        : `${champion.digest.slice(0, 12)} since ${secondOf(champion.since)}`,
    ],
    ...besideChampion(model),
    ["events", `${count(model.events)}, of them skipped ${count(model.skipped)}`],
    ["predictions", count(model.predictions)],
    [
      "rejected",
      [count(model.rejected), ...(reasons.length > 0 ? [`(${reasons.join(", ")})`] : [])].join(" "),
    ],
    ["parked", model.parked === null ? "not counted on this target" : count(model.parked)],
    ["retried", count(model.retried)],
    ["iterator age", `${ms(model.iteratorAgeMs)} at most`],
    ["cold starts", count(model.coldStarts)],
    ["cache", cacheText(cache)],
    [
      "errors",
      `dependencies ${count(model.dependencyErrors)}, model ${count(model.modelErrors)}; cache ${count(cache.errors)}, mismatches ${count(cache.mismatches)}`,
    ],
    ...functions.map(({ kind, invocations, errors, throttles, memoryUsedRatio }): [string, string] => [
      `${kind} function`,
      [
        `invocations ${count(invocations)}, errors ${count(errors)}, throttles ${count(throttles)}`,
        ...(memoryUsedRatio === null ? [] : [`memory ${percent(memoryUsedRatio)} at most`]),
      ].join(", "),
    ]),
    ...(api === null ? [] : [["HTTPS", apiText(api)] satisfies [string, string]]),
    ["cost", costText(model.usdPerThousandPredictions)],
  ];
  const drift = model.drift === null ? [] : formatDrift(model.drift);
  return [...formatTable(rows, { gap: 2 }), ...latencyLines(model.latency), ...drift].map(
    (line) => `  ${line}`,
  );
}

/** The versions that stand beside the champion, and what is found of them so far. */
function besideChampion({ challenger, shadow }: ModelStatus): readonly [string, string][] {
  const rows: [string, string][] = [];
  if (challenger !== null) {
    const { digest, since, share, answers, errors, stopped, verdict } = challenger;
    const did = `answered ${count(answers)}, failed ${count(errors)}, stopped ${count(stopped)}`;
    const who = `${shortDigest(digest)} with ${percentText(share)} since ${secondOf(since)}`;
    rows.push(["challenger", `${who}; ${did}`]);
    if (verdict !== null) rows.push(["", verdict]);
  }
  if (shadow !== null) {
    const { digest, since, sample, scored, dropped, verdict } = shadow;
    const who = `${shortDigest(digest)} of ${percentText(sample)} since ${secondOf(since)}`;
    rows.push(["shadow", `${who}; scored ${count(scored)}, dropped ${count(dropped)}`]);
    if (verdict !== null) rows.push(["", verdict]);
  }
  return rows;
}

function latencyLines(latency: readonly StageLatency[]): readonly string[] {
  const measured = latency.filter(({ p50Ms }) => p50Ms !== null);
  if (measured.length === 0) return [];
  const rows = measured.map(({ stage, p50Ms, p99Ms }) => [stage, ms(p50Ms), ms(p99Ms)]);
  return formatTable([["latency", "p50", "p99"], ...rows], { gap: 2, alignRight: [1, 2] });
}

function cacheText({ hitRatio, askedRatio, rowCostUs, keyCostUs }: ModelStatus["cache"]): string {
  const hits = hitRatio === null ? "no lookups" : `${percent(hitRatio)} hits`;
  if (askedRatio === null) return `${hits}; the shared cache is not in use`;
  const costs = `a row costs ${us(rowCostUs)}, a lookup ${us(keyCostUs)}`;
  return `${hits}; ${percent(askedRatio)} of chunks ask it: ${costs}`;
}

function apiText({
  requests,
  p50Ms,
  p99Ms,
  clientErrors,
  serverErrors,
}: NonNullable<ModelStatus["api"]>): string {
  const answers = `4xx ${count(clientErrors)}, 5xx ${count(serverErrors)}`;
  const gateway =
    clientErrors === null && serverErrors === null ? "4xx, 5xx not counted on this target" : answers;
  const latency = p50Ms === null ? "" : `, p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)}`;
  return `requests ${count(requests)}${latency}; ${gateway}`;
}

function costText(usd: number | null): string {
  return usd === null ? "no predictions" : `${usd.toPrecision(3)} USD per 1,000 predictions (estimated)`;
}

function alarmLines(inAlarm: readonly AlarmStatus[], evaluated: boolean): readonly string[] {
  if (!evaluated) return ["alarms: this target evaluates none"];
  if (inAlarm.length === 0) return ["alarms: none"];
  return inAlarm.map(({ name, description, since }) =>
    [
      `ALARM ${name}`,
      since === null ? "" : ` since ${secondOf(since)}`,
      description === null ? "" : `: ${description}`,
    ].join(""),
  );
}

function count(value: number | null): string {
  return value === null ? "–" : value.toLocaleString("en-US");
}

function ms(value: number | null): string {
  if (value === null) return "–";
  return `${value.toLocaleString("en-US", { maximumFractionDigits: value < 10 ? 2 : 0 })} ms`;
}

function us(value: number | null): string {
  return value === null ? "–" : `${value.toLocaleString("en-US", { maximumFractionDigits: 1 })} µs`;
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`;
}

function minuteOf(iso: string): string {
  return iso.slice(0, 16).replace("T", " ");
}

function secondOf(iso: string): string {
  return `${iso.slice(0, 19).replace("T", " ")} UTC`;
}
