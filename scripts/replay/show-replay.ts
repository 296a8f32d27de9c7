import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { progressBar } from "../cli/progress-bar.ts";
import type { Terminal } from "../cli/terminal.ts";
import { auc } from "../summary/auc.ts";
import { formatSummary, type ServedFeatures } from "../summary/format-summary.ts";
import { createReport, type OutcomeReport, type Report, type ReportContext } from "../summary/report.ts";
import { outputLine, scoreOf } from "../summary/score.ts";
import { type ReplayOptions, type ReplayResult, replay } from "./replay.ts";
import type { ScoredFlight } from "./scoreboard.ts";

export interface ShowReplayOptions extends Omit<ReplayOptions, "onProgress"> {
  readonly terminal: Terminal;
  readonly context: Omit<ReportContext, "model" | "rejected" | "outcomes">;
  /** Takes every prediction beside the truth. */
  readonly out?: string | undefined;
  /** Waits until the service is done with the arrivals, and tells what it made of them and what it served. */
  readonly readService?: (result: ReplayResult) => Promise<ServiceReport>;
}

export interface ServiceReport {
  readonly outcomes: OutcomeReport;
  /** Features as they were served, by flight. */
  readonly served: ServedFeatures;
}

/** How many of the newest predictions the running figure is of. */
const rollingCount = 2_000;

/** Replay flights with a progress bar, write `--out`, and print the summary. */
export async function showReplay(given: ShowReplayOptions): Promise<Report> {
  const { terminal, out, context, readService, ...options } = given;
  const total = options.events.length;
  const result = await terminal.step(
    "replay",
    ({ progress }) =>
      replay({
        ...options,
        onProgress: ({ phase, sentCount, scored }) =>
          progress(
            `${progressBar(sentCount / total, 30)} ${sentCount.toLocaleString("en-US")} of ${total.toLocaleString("en-US")} events, ${phase}${rolling(scored)}`,
          ),
      }),
    ({ phases }) => phases.map(({ name, seconds }) => `${name} ${seconds.toFixed(1)} s`).join(", "),
  );
  if (out !== undefined) await writeOutput(out, result);
  const rejected = options.rejectedCount?.() ?? null;
  const service = await readService?.(result);
  const report = createReport(result, {
    ...context,
    model: options.model,
    rejected,
    outcomes: service?.outcomes,
  });
  terminal.line();
  for (const line of formatSummary(report, result.scored, { ...terminal, served: service?.served }))
    terminal.line(line);
  return report;
}

function rolling(scored: readonly ScoredFlight[]): string {
  if (scored.length < rollingCount) return "";
  const newest = scored.slice(-rollingCount).map(scoreOf);
  const value = auc(newest.map(({ probability, late }) => ({ score: probability, late })));
  return value === undefined
    ? ""
    : `, AUC of the last ${rollingCount.toLocaleString("en-US")}: ${value.toFixed(3)}`;
}

async function writeOutput(path: string, { scored }: ReplayResult): Promise<void> {
  const lines = function* () {
    for (const one of scored) yield `${outputLine(one)}\n`;
  };
  try {
    await pipeline(lines, createWriteStream(path));
  } catch (cause) {
    throw new Error(`--out: ${path} cannot be written; name a file in a folder that exists`, { cause });
  }
}
