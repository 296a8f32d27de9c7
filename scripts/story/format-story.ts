import { formatTable } from "../summary/table.ts";
import type { Quality, StoryFigures } from "./figures.ts";
import type { Story } from "./tell-story.ts";

/** The story as tables for a terminal. */
export function formatStory(story: Story, figures: StoryFigures): string {
  const { months, replacements, last } = figures;
  return [
    "Month by month: the frozen champion beside the living one",
    ...indented(
      formatTable(
        [
          ["month", "flights", "AUC frozen", "living", "", "log-loss frozen", "living", ""],
          ...months.map(({ fromMs, frozen, living }) => [
            new Date(fromMs).toISOString().slice(0, 7),
            count(living.rows),
            ...both(frozen.auc, living.auc),
            ...both(frozen.logLoss, living.logLoss),
          ]),
        ],
        { gap: 2, alignRight: [1, 2, 3, 4, 5, 6, 7] },
      ),
    ),
    "",
    "Trainings, and what became of them",
    ...indented(
      formatTable(
        [
          ["began", "rows", "trees", "end", "holdout log-loss", "", "seconds", "$", "why"],
          ...story.executions.map(({ startedMs, rows, rounds, end, evaluated, seconds, dollars, why }) => [
            day(startedMs),
            count(rows),
            String(rounds),
            end,
            ...(evaluated === undefined
              ? ["–", "–"]
              : [evaluated.champion.loss, evaluated.challenger.loss].map((loss) => loss?.toFixed(4) ?? "–")),
            seconds.toFixed(1),
            dollars.toFixed(4),
            why,
          ]),
        ],
        { gap: 2, alignRight: [1, 2, 4, 5, 6, 7] },
      ),
    ),
    "",
    "Replacements: the new champion beside the one it replaced, on the flights until the next",
    ...indented(
      formatTable(
        [
          ["from", "to", "flights", "log-loss replaced", "new", "change", "AUC replaced", "new", ""],
          ...replacements.map(({ fromMs, toMs, before, after, change }) => [
            ...[day(fromMs), day(toMs), count(after.rows)],
            ...[before.logLoss.toFixed(4), after.logLoss.toFixed(4), percent(change)],
            ...both(before.auc, after.auc),
          ]),
        ],
        { gap: 2, alignRight: [2, 3, 4, 5, 6, 7, 8] },
      ),
    ),
    "",
    ...summaryOf(figures, last?.frozen, last?.living),
    `${count(story.events)} events, ${count(story.predictions)} predictions and ${count(story.outcomes)} outcomes in ${Math.round(story.seconds)} s; ${story.ledger.length} entries in the ledger; about $${sum(story.executions.map(({ dollars }) => dollars)).toFixed(3)} of training`,
  ].join("\n");
}

function summaryOf({ replacements }: StoryFigures, frozen?: Quality, living?: Quality): string[] {
  const lines: string[] = [];
  if (frozen?.auc !== undefined && living?.auc !== undefined)
    lines.push(
      `Last 14 days: AUC ${living.auc.toFixed(4)} living, ${frozen.auc.toFixed(4)} frozen (${signed(living.auc - frozen.auc)}); log-loss ${living.logLoss.toFixed(4)}, ${frozen.logLoss.toFixed(4)}`,
    );
  const changes = replacements.map(({ change }) => change);
  if (changes.length > 0)
    lines.push(
      `Replacing changed the log-loss until the next by ${percent(sum(changes) / changes.length)} on average, at worst by ${percent(Math.max(...changes))}`,
    );
  return lines;
}

function both(one: number | undefined, other: number | undefined): [string, string, string] {
  if (one === undefined || other === undefined) return ["–", "–", "–"];
  return [one.toFixed(4), other.toFixed(4), signed(other - one)];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(4)}`;
}

function percent(ratio: number): string {
  return `${ratio < 0 ? "−" : "+"}${Math.abs(100 * ratio).toFixed(2)} %`;
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

function day(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, "yyyy-mm-dd".length);
}
