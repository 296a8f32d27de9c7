import * as z from "zod/mini";
import { readAlarm } from "../core/monitor/fired-alarm.ts";
import type { RetrainRequest } from "../core/train/loop/admit-run.ts";

const asked = z.object({
  reason: z.enum(["schedule", "person"]),
  by: z.string().check(z.minLength(1), z.maxLength(256)),
});

/** Why an alarm on a metric has a model trained anew. */
const reasons: Readonly<Record<string, "drift" | "accuracy">> = {
  DriftAlarm: "drift",
  ...{ LogLoss: "accuracy", Brier: "accuracy", SquaredError: "accuracy" },
};

/**
 * Read who asks for a retraining, and why: a schedule or a person, who say so, or an alarm of CloudWatch.
 *
 * @param place - whose alarms are meant.
 * @returns what is asked for, or what is wrong with the event.
 */
export function readRequest(
  event: unknown,
  place: { readonly stage: string; readonly model: string },
): Omit<RetrainRequest, "nowMs"> | { readonly problem: string } {
  if (!isAlarm(event)) {
    const parsed = asked.safeParse(event);
    if (parsed.success) return parsed.data;
    return { problem: 'expected { "reason": "schedule" or "person", "by": … }, or an alarm of CloudWatch' };
  }
  const alarm = readAlarm(event);
  if ("problem" in alarm) return alarm;
  const { Stage, Model } = alarm.dimensions;
  const reason = Object.hasOwn(reasons, alarm.metric) ? reasons[alarm.metric] : undefined;
  if (reason === undefined || Stage !== place.stage || Model !== place.model) {
    return {
      problem: `got an alarm on ${alarm.metric} of ${Model} in ${Stage}, expected one on ${Object.keys(reasons).join(", ")} of ${place.model} in ${place.stage}`,
    };
  }
  return { reason, by: `alarm ${alarm.name}` };
}

function isAlarm(event: unknown): boolean {
  return typeof event === "object" && event !== null && "alarmData" in event;
}
