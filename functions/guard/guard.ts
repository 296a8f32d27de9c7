import { type FiredAlarm, readAlarm } from "../core/monitor/fired-alarm.ts";
import type { GuardDeps } from "./deps.ts";
import { recycleFunction } from "./recycle-function.ts";
import { stopChallenger } from "./stop-challenger.ts";

/** What is done about an alarm, by its metric. */
const actions: Readonly<Record<string, (alarm: GuardedAlarm, deps: GuardDeps) => Promise<void>>> = {
  ChallengerErrors: stopChallenger,
  ChallengerStopped: stopChallenger,
  MemoryUsedRatio: recycleFunction,
};

/** An alarm of one of the stage's models. */
export interface GuardedAlarm extends FiredAlarm {
  readonly model: string;
}

/**
 * Act on an alarm of CloudWatch.
 *
 * An event that is none, or of another stage, model or metric, is logged and changes nothing: what is not understood now
 * is not understood by a second delivery either. The same alarm delivered again does nothing anew.
 *
 * @throws {DependencyError} when AWS fails; Lambda then delivers the alarm again.
 * @throws {ConflictError} when others were first at every attempt; likewise.
 */
export async function guard(event: unknown, deps: GuardDeps): Promise<void> {
  const { stage, models, logger } = deps;
  const alarm = readAlarm(event);
  if ("problem" in alarm) {
    logger.error("not an alarm that the guard acts on; nothing was changed", { problem: alarm.problem });
    return;
  }
  const { name, metric, dimensions } = alarm;
  const { Stage, Model: model = "" } = dimensions;
  const act = Object.hasOwn(actions, metric) ? actions[metric] : undefined;
  if (act === undefined || Stage !== stage || !models.includes(model)) {
    logger.error("an alarm of another metric, stage or model; nothing was changed", {
      ...{ alarm: name, metric, dimensions },
      expected: { metrics: Object.keys(actions), stage, models },
    });
    return;
  }
  await act({ ...alarm, model }, deps);
}
