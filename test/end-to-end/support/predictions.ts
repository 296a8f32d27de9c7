import { type Prediction, prediction } from "../../../functions/contract/prediction.ts";
import type { Stage } from "./stage.ts";
import { waitUntil } from "./wait-until.ts";

/** A prediction as it was emitted. */
export interface Emitted {
  readonly prediction: Prediction;
  /** Its text on the stream. */
  readonly body: string;
}

/** Everything emitted since the stage was opened, each checked against the contract. */
export async function emitted(stage: Stage): Promise<readonly Emitted[]> {
  return (await stage.predictions.read()).map(({ Data = new Uint8Array() }) => {
    const body = Buffer.from(Data).toString("utf8");
    return { prediction: prediction.parse(JSON.parse(body)), body };
  });
}

/**
 * Wait until every event has a prediction of the model.
 *
 * @returns what was emitted for each event, doubles included, by event id.
 */
export async function predictionsOf(
  stage: Stage,
  model: string,
  eventIds: readonly string[],
  timeoutMs?: number,
): Promise<ReadonlyMap<string, readonly Emitted[]>> {
  const wanted = new Set(eventIds);
  let byEvent = new Map<string, Emitted[]>();
  await waitUntil(
    stage,
    async () => {
      const all = (await emitted(stage)).filter(
        (each) => each.prediction.model === model && wanted.has(each.prediction.eventId),
      );
      byEvent = Map.groupBy(all, (each) => each.prediction.eventId);
      const lacking = eventIds.filter((id) => !byEvent.has(id));
      if (lacking.length === 0) return undefined;
      return `predictions of ${model} for ${lacking.length} of ${eventIds.length} events, e.g. ${lacking.slice(0, 3).join(", ")}`;
    },
    timeoutMs,
  );
  return byEvent;
}
