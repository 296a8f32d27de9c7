import { secondsOf } from "../../contract/duration.ts";
import type { ModelPackage } from "../../contract/model-package.ts";

/**
 * How long a stored prediction is kept after its event or its writing, whichever is later: as configured, and at least
 * until its outcome would count no more.
 */
export function keepSecondsOf({ outcome }: Pick<ModelPackage, "outcome">, configuredSeconds: number): number {
  return Math.max(configuredSeconds, outcome === undefined ? 0 : secondsOf(outcome.within));
}
