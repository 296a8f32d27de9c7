import type { Prediction } from "../../contract/prediction.ts";
import { chiefFate, type OutcomeFate } from "./outcome-fate.ts";
import type { OutcomeStore, OutcomeWrite, StandingOutcome, StoredPrediction } from "./outcome-store.ts";

/** A fact to be joined with the predictions of its event. */
export interface OpenFact {
  readonly eventId: string;
  /** Epoch milliseconds. */
  readonly timeMs: number;
  /** JSON text; two labels are the same where their texts are. */
  readonly label: string;
  /** Names the event that says so: shard and mark. */
  readonly by: string;
}

/** How a fact fared, and the predictions it is the outcome of. */
export interface SettledFact {
  readonly fate: OutcomeFate;
  readonly joined: readonly JoinedPrediction[];
}

export interface JoinedPrediction {
  readonly stored: StoredPrediction;
  readonly prediction: Prediction;
}

export interface JoinOptions {
  readonly store: OutcomeStore;
  readonly model: string;
  /** How long after the predicted event an outcome counts. */
  readonly withinMs: number;
}

/** A stored prediction, the facts that would be its outcome in stream order, and the one that is. */
interface Slot extends JoinedPrediction {
  readonly claims: readonly OpenFact[];
  standing: Pick<StandingOutcome, "by" | "label"> | undefined;
}

/**
 * Write each fact to the predictions of its event that have no outcome yet; the first in stream order is written.
 *
 * @param facts - in stream order.
 * @returns per fact how it fared; undefined where reading or writing failed, so that it is to be tried again.
 */
export async function joinFacts(
  facts: readonly OpenFact[],
  options: JoinOptions,
): Promise<readonly (SettledFact | undefined)[]> {
  const byEvent = Map.groupBy(facts, ({ eventId }) => eventId);
  const eventIds = [...byEvent.keys()];
  const found = await options.store.find(options.model, eventIds);
  const slotsOf = new Map<string, Slot[]>();
  eventIds.forEach((eventId, i) => {
    const predictions = found[i]!;
    if (predictions === "failed") return;
    slotsOf.set(
      eventId,
      predictions.map((stored) => slotOf(stored, byEvent.get(eventId)!, options.withinMs)),
    );
  });
  const failed = await writeFirst([...slotsOf.values()].flat(), options);
  return facts.map((fact) => {
    const slots = slotsOf.get(fact.eventId);
    if (slots === undefined || slots.some((slot) => failed.has(slot))) return undefined;
    return settle(fact, slots);
  });
}

function slotOf(stored: StoredPrediction, facts: readonly OpenFact[], withinMs: number): Slot {
  const prediction = JSON.parse(stored.body) as Prediction;
  const lastMs = Date.parse(prediction.eventTime) + withinMs;
  return {
    stored,
    prediction,
    claims: facts.filter(({ timeMs }) => timeMs <= lastMs),
    standing: stored.outcome,
  };
}

/** @returns those that could not be written. */
async function writeFirst(slots: readonly Slot[], { store, model }: JoinOptions): Promise<ReadonlySet<Slot>> {
  const open = slots.filter(({ standing, claims }) => standing === undefined && claims.length > 0);
  const results = await store.write(
    open.map(({ stored, claims }): OutcomeWrite => {
      const { by, label, timeMs } = claims[0]!;
      const { eventId, role, predictionId } = stored;
      return { model, eventId, role, predictionId, outcome: { by, label, timeMs } };
    }),
  );
  const failed = new Set<Slot>();
  open.forEach((slot, i) => {
    const result = results[i]!;
    if (result === "failed") failed.add(slot);
    // Another shard may have been first since the prediction was read.
    else slot.standing = result === "written" ? slot.claims[0]! : result;
  });
  return failed;
}

function settle(fact: OpenFact, slots: readonly Slot[]): SettledFact {
  const joined = slots.filter(({ standing }) => standing?.by === fact.by);
  return { fate: chiefFate(slots.map((slot) => fateOf(fact, slot))), joined };
}

function fateOf(fact: OpenFact, { standing, claims }: Slot): OutcomeFate {
  if (standing?.by === fact.by) return "joined";
  if (standing === undefined || !claims.includes(fact)) return "late";
  return standing.label === fact.label ? "repeated" : "conflicting";
}
