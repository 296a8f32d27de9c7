import { recycledVariable } from "../contract/env.ts";
import { ConflictError } from "../core/errors.ts";
import type { GuardDeps } from "./deps.ts";
import type { GuardedAlarm } from "./guard.ts";

/** A function is recycled so often at most: what fills its memory sooner is no leak, but too little memory. */
const coolDownMs = 15 * 60_000;

/**
 * Give back the memory of a function's environments, by a change of its configuration.
 *
 * Lambda then starts new environments for further calls, and lets the old ones end the calls that they are at: no call
 * fails, as one would whose process is ended from inside.
 */
export async function recycleFunction(alarm: GuardedAlarm, deps: GuardDeps): Promise<void> {
  const { functions, logger, now } = deps;
  const { model, name, reason } = alarm;
  const functionName = alarm.dimensions.Function;
  const fields = { model, alarm: name, function: functionName };
  if (functionName === undefined) {
    logger.error("an alarm on memory that names no function; nothing was changed", fields);
    return;
  }
  const waits = deps.startWaits();
  for (let attempt = 1; ; attempt++) {
    const { variables, revision } = await functions.read(functionName);
    const recycledAt = variables[recycledVariable];
    if (isRecent(recycledAt, now())) {
      logger.warn("memory is short again; give the function more", { ...fields, recycledAt, reason });
      return;
    }
    try {
      const at = new Date(now()).toISOString();
      await functions.replace(functionName, {
        variables: { ...variables, [recycledVariable]: at },
        revision,
      });
      logger.warn("the function's environments are being replaced", { ...fields, at, reason });
      return;
    } catch (error) {
      // Somebody else's change: theirs may have replaced the environments, ours must not undo it.
      if (!(error instanceof ConflictError) || !(await waits.wait(attempt))) throw error;
    }
  }
}

function isRecent(at: string | undefined, nowMs: number): boolean {
  // Not a number where there is no time: then it is not recent.
  return Math.abs(nowMs - Date.parse(at ?? "")) < coolDownMs;
}
