import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { progressBar } from "../cli/progress-bar.ts";
import type { Terminal } from "../cli/terminal.ts";
import { formatSummary } from "../summary/format-summary.ts";
import { createReport, type Report, type ReportContext } from "../summary/report.ts";
import { outputLine } from "../summary/score.ts";
import { type ReplayOptions, type ReplayResult, replay } from "./replay.ts";

export interface ShowReplayOptions extends Omit<ReplayOptions, "onProgress"> {
  readonly terminal: Terminal;
  readonly context: Omit<ReportContext, "model" | "rejected">;
  /** Takes every prediction beside the truth. */
  readonly out?: string | undefined;
}

/** Replay flights with a progress bar, write `--out`, and print the summary. */
export async function showReplay({ terminal, out, context, ...options }: ShowReplayOptions): Promise<Report> {
  const total = options.flights.length;
  const result = await terminal.step(
    "replay",
    ({ progress }) =>
      replay({
        ...options,
        onProgress: ({ phase, scoredCount }) =>
          progress(
            `${progressBar(scoredCount / total, 30)} ${scoredCount.toLocaleString("en-US")} of ${total.toLocaleString("en-US")} predicted, ${phase}`,
          ),
      }),
    ({ phases }) => phases.map(({ name, seconds }) => `${name} ${seconds.toFixed(1)} s`).join(", "),
  );
  if (out !== undefined) await writeOutput(out, result);
  const rejected = options.rejectedCount?.() ?? null;
  const report = createReport(result, { ...context, model: options.model, rejected });
  terminal.line();
  for (const line of formatSummary(report, result.scored, terminal)) terminal.line(line);
  return report;
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
