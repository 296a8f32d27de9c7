import { randomUUID } from "node:crypto";
import type { ServingRoles } from "../core/rollout/serving-roles.ts";
import { markOf } from "../core/state/mark.ts";
import type { PredictDeps } from "./deps.ts";
import { predictEvents, type Sketches } from "./predict-events.ts";
import { createShadowSender } from "./shadow-sender.ts";

/** Answers requests that take whole events, as `predictEvents` says. */
export type EventsPredictor = (
  events: readonly Buffer[],
  request: { readonly roles: ServingRoles; readonly requestId: string },
) => Promise<string[]>;

/** Make what answers whole events, with what lasts from request to request: what is counted, and how the shadow fares. */
export function createEventsPredictor(deps: PredictDeps): EventsPredictor {
  const startShadow = createShadowSender(deps);
  const sketches = openSketches(deps);
  return (events, { roles, requestId }) => {
    const arrivalMs = deps.now();
    const shadow = startShadow({ roles, requestId, arrivalMs });
    return predictEvents(events, { ...{ roles, deps, requestId, arrivalMs, sketches, shadow } });
  };
}

/** Each environment counts as a writer of its own, so that none waits for another. */
function openSketches({ sketches }: PredictDeps): Sketches | undefined {
  if (sketches === undefined) return undefined;
  let taken = 0;
  return { recorder: sketches(`https-${randomUUID()}`), nextMark: () => markOf(String(++taken), 0) };
}
