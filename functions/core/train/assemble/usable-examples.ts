import type { EarlyOutcome, Example, LabelValue } from "../../../contract/example.ts";
import type { ModelDigest } from "../../../contract/ids.ts";
import type { Prediction } from "../../../contract/prediction.ts";
import type { OutcomeStore } from "../../outcome/outcome-store.ts";
import type { RowDecoders } from "../../outcome/row-decoders.ts";
import type { UsableExample } from "./assemble.ts";
import { createIdSet } from "./id-set.ts";

export interface UsableExamplesOptions {
  readonly model: string;
  /** What was joined when its outcome came; a shadow's are none. */
  readonly examples: AsyncIterable<Joined & Pick<Example, "role">>;
  /** Outcomes that came before their predictions. */
  readonly early: AsyncIterable<EarlyOutcome>;
  /** Where the predictions stand that those are of. */
  readonly outcomes: Pick<OutcomeStore, "find">;
  readonly decoders: Pick<RowDecoders, "of">;
  /** Whether a version's features are the champion's, to the byte. */
  readonly hasSameInputs: (digest: ModelDigest) => Promise<boolean>;
  /** How long after the predicted event an outcome counts. */
  readonly withinMs: number;
}

/** Early outcomes looked up at once. */
const lookupRows = 100;

/**
 * Every event's example, once: those joined as their outcomes came, then those whose outcomes had come early.
 *
 * An event may have several, of a redelivered batch, of a backfill or of another version: the first stands.
 *
 * @throws {DependencyError} when predictions cannot be read.
 */
export async function* usableExamples(options: UsableExamplesOptions): AsyncGenerator<UsableExample> {
  const seen = createIdSet();
  const isNew = ({ eventId, eventTime }: Pick<Example, "eventId" | "eventTime">) =>
    seen.add(`${eventId}\u0000${eventTime}`);
  const sameInputs = new Map<string, Promise<boolean>>();
  const checkInputs = (digest: string) => {
    const known = sameInputs.get(digest) ?? options.hasSameInputs(digest as ModelDigest);
    sameInputs.set(digest, known);
    return known;
  };
  for await (const example of options.examples) {
    if (example.role === "shadow" || !isNew(example)) continue;
    yield { example, hasSameInputs: await checkInputs(example.digest) };
  }
  for await (const batch of batches(options.early, lookupRows)) {
    for (const found of await joinEarly(batch, options)) {
      if (!isNew(found)) continue;
      yield { example: found, hasSameInputs: await checkInputs(found.digest) };
    }
  }
}

type Joined = Pick<Example, "eventId" | "eventTime" | "digest" | "features" | "label">;

async function joinEarly(batch: readonly EarlyOutcome[], options: UsableExamplesOptions): Promise<Joined[]> {
  const eventIds = [...new Set(batch.map(({ eventId }) => eventId))];
  const found = await options.outcomes.find(options.model, eventIds);
  const byEvent = new Map(eventIds.map((eventId, i) => [eventId, found[i]!]));
  const joined: Joined[] = [];
  for (const { eventId, outcomeTime, label } of batch) {
    const stored = byEvent.get(eventId)!;
    // One that cannot be read now is missing from the training rows, and no more than that.
    if (stored === "failed") continue;
    for (const { body, features, role } of stored) {
      if (role === "shadow" || features.length === 0) continue;
      const example = await exampleOf(
        JSON.parse(body) as Prediction,
        { features, label, outcomeTime },
        options,
      );
      if (example !== undefined) joined.push(example);
    }
  }
  return joined;
}

async function exampleOf(
  prediction: Prediction,
  outcome: { readonly features: Uint8Array; readonly label: LabelValue; readonly outcomeTime: string },
  { decoders, withinMs }: UsableExamplesOptions,
): Promise<Joined | undefined> {
  const { eventId, eventTime, digest } = prediction;
  if (Date.parse(outcome.outcomeTime) > Date.parse(eventTime) + withinMs) return undefined;
  const features = (await decoders.of(digest as ModelDigest))?.decode(outcome.features);
  return features && { eventId, eventTime, digest, features, label: outcome.label };
}

async function* batches<Item>(items: AsyncIterable<Item>, size: number): AsyncGenerator<readonly Item[]> {
  let batch: Item[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
