import type { EndedRun } from "../../functions/core/train/loop/learning-record.ts";
import { formatTable } from "../summary/table.ts";
import type { LearningReport } from "./read-learning.ts";

/** A model's retraining in lines: what runs, then what has ended, the newest first. */
export function formatLearning({ model, running, ended }: LearningReport): readonly string[] {
  const now =
    running === null
      ? `${model}: no execution runs`
      : `${model}: ${running.execution} runs since ${secondOf(running.startedAt)} (${running.reason}, by ${running.by}): ${running.state}`;
  if (ended.length === 0) return [now];
  const head = ["execution", "started, UTC", "reason", "end", "rows", "seconds", "USD", "why"];
  const table = formatTable([head, ...ended.map(rowOf)], { gap: 2, alignRight: [4, 5, 6] });
  return [now, "", ...table];
}

function rowOf({ execution, startedAt, reason, end, rows, seconds, dollars, why }: EndedRun): string[] {
  return [
    ...[execution, secondOf(startedAt), reason, end],
    ...[rows?.toString() ?? "", seconds?.toFixed(0) ?? "", dollars?.toFixed(4) ?? "", why],
  ];
}

function secondOf(time: string): string {
  return time.slice(0, "yyyy-mm-ddThh:mm:ss".length).replace("T", " ");
}
