import { hash } from "node:crypto";
import type { Withheld } from "../../contract/archived-event.ts";
import { parseEvent } from "../decode/event-reader.ts";
import { createPayloadDecoder, type PayloadDecoder } from "../decode/payload.ts";
import { InputError } from "../errors.ts";
import type { Conceal } from "./concealer.ts";
import { isPrivateText, removePath, type Scalar } from "./private-values.ts";

/** An event as its producer put it. */
export interface GivenEvent {
  readonly partitionKey: string;
  /** JSON, plain or gzip, or anything else. */
  readonly data: Buffer;
}

/** An event without its private values. */
export interface RedactedEvent {
  /** As it was, or the HMAC of it where it is, or may be, a private value. */
  readonly partitionKey: string;
  /** The event's bytes: the very ones where nothing is private, else plain JSON; absent where `withheld` is given. */
  readonly data?: Buffer;
  /** What is told of an event that cannot be parsed. */
  readonly withheld?: Withheld;
  /** Private paths that led to something, in the order declared. */
  readonly removed: readonly string[];
  /** What stood there: for whoever must see to it that it is written nowhere else. Never stored or logged. */
  readonly values: ReadonlySet<Scalar>;
}

export interface Redactor {
  /** Paths that are never stored. */
  readonly paths: readonly string[];
  redact(event: GivenEvent): RedactedEvent;
}

/** What Kinesis takes as one record, and what a package may set `limits.eventBytes` to; in bytes, after decompression. */
const maxEventBytes = 10 * 2 ** 20;

/**
 * Make a redactor: it removes what stands at private paths.
 *
 * A path that crosses a list leads into each of its elements. An event that cannot be parsed may hold private values
 * anywhere, so only its length, its hash and the reason are told. A partition key whose text is a private value of its event
 * is concealed, as is that of an event that cannot be parsed.
 *
 * @param paths - dotted, as packages declare them; with none, events stay as they are and are not parsed.
 * @param conceal - gives what stands for a value that was found at `path`.
 * @param outcomes - by model: what conceals the ids in native outcomes for it, which are removed too.
 */
export function createRedactor(
  paths: readonly string[],
  conceal: (text: string, path: string) => string,
  outcomes: ReadonlyMap<string, Conceal> = new Map(),
): Redactor {
  const [firstPath] = paths;
  const rules: readonly Rule[] = [
    ...paths.map((path) => ({
      path,
      keys: path.split("."),
      conceal: (text: string) => conceal(text, path),
    })),
    ...[...outcomes].map(([model, concealId]) => ({ ...nativeId, conceal: concealId, outcomeOf: model })),
  ];
  let payloads: PayloadDecoder | undefined;
  return {
    paths,
    redact: firstPath === undefined ? keep : (event) => redact(event, firstPath),
  };

  function redact({ partitionKey, data }: GivenEvent, fallbackPath: string): RedactedEvent {
    try {
      payloads ??= createPayloadDecoder(maxEventBytes);
      return redactParsed(partitionKey, parseEvent(payloads.open(data)));
    } catch (error) {
      return {
        partitionKey: conceal(partitionKey, fallbackPath),
        withheld: { lengthBytes: data.length, sha256: hash("sha256", data), reason: reasonOf(error) },
        removed: [],
        values: nothing,
      };
    }
  }

  function redactParsed(partitionKey: string, event: Record<string, unknown>): RedactedEvent {
    const removed: string[] = [];
    const values = new Set<Scalar>();
    let key = partitionKey;
    for (const { path, keys, conceal: concealFound, outcomeOf } of rules) {
      const found: Scalar[] = [];
      if (outcomeOf !== undefined && nativeModelOf(event) !== outcomeOf) continue;
      if (!removePath(event, keys, found)) continue;
      removed.push(path);
      for (const value of found) values.add(value);
      // The first path that knows the key for private: what stands for it depends on the declarations alone.
      if (key === partitionKey && found.some((value) => isPrivateText(partitionKey, value)))
        key = concealFound(partitionKey);
    }
    // Always written anew: of a key that stands twice, parsing drops the first, whose text is still in the bytes.
    return { partitionKey: key, data: Buffer.from(JSON.stringify(event)), removed, values };
  }
}

interface Rule {
  readonly path: string;
  readonly keys: readonly string[];
  readonly conceal: Conceal;
  /** Only in native outcomes for this model. */
  readonly outcomeOf?: string;
}

/** Where the id stands in `{"$outcome": {"model", "id", "label"}}`, whatever a package calls it. */
const nativeId = { path: "$outcome.id", keys: ["$outcome", "id"] };

function nativeModelOf({ $outcome }: Record<string, unknown>): unknown {
  return typeof $outcome === "object" && $outcome !== null && "model" in $outcome
    ? $outcome.model
    : undefined;
}

const nothing: ReadonlySet<Scalar> = new Set();

function keep({ partitionKey, data }: GivenEvent): RedactedEvent {
  return { partitionKey, data, removed: [], values: nothing };
}

/** Messages of input errors quote nothing of what cannot be parsed. */
function reasonOf(error: unknown): string {
  if (error instanceof InputError) return error.message;
  // Parsing takes any depth; walking and writing do not.
  if (error instanceof RangeError)
    return "event: got values nested too deep to be walked, expected a few levels; check the producer";
  throw error;
}
