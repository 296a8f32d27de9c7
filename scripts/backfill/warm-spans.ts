import * as z from "zod/mini";
import { DependencyError, InvariantError } from "../../functions/core/errors.ts";
import type { ShardPart, ShardStateStore } from "../../functions/core/state/shard-state-store.ts";
import type { Span } from "./event-span.ts";

/** What is known of a view's tiles beside who feeds them now, in event time. */
export interface ViewWarmth {
  /** What backfills have filled. */
  readonly backfilled: Span | undefined;
  /** When a version that feeds it was made live although tiles lacked; epoch milliseconds. */
  readonly coldSinceMs: number | undefined;
}

/** Notes about views stand among their tiles, under a partition key of their own: an item per view's digest. */
function placeOf(model: string, digest: string) {
  return { partitionKey: `${model}#warm`, sortKey: digest };
}

const backfillPart = "backfill";
const coldPart = "cold";

const spanBody = z.object({ fromMs: z.number(), toMs: z.number() });
const coldBody = z.object({ sinceMs: z.number() });

/** Longer than the longest window: by then a note says nothing any more. */
const keepSeconds = 60 * 86_400;
/** A note that meets another writer's is decided anew so often. */
const maxAttempts = 4;

/** @returns by the view's digest. @throws {DependencyError} as the store does */
export async function readWarmth(
  tiles: ShardStateStore,
  model: string,
  digests: readonly string[],
): Promise<ReadonlyMap<string, ViewWarmth>> {
  const ranges = digests.map((digest) => {
    const { partitionKey, sortKey } = placeOf(model, digest);
    return { partitionKey, from: sortKey, to: sortKey };
  });
  const found = await tiles.read(ranges);
  return new Map(
    digests.map((digest, i) => {
      const parts = found[i]![0]?.parts;
      const [backfilled, cold] = [parts?.get(backfillPart), parts?.get(coldPart)];
      return [
        digest,
        {
          backfilled: backfilled && bodyOf(backfilled, spanBody),
          coldSinceMs: cold && bodyOf(cold, coldBody).sinceMs,
        },
      ];
    }),
  );
}

export interface WarmthNote {
  readonly tiles: ShardStateStore;
  readonly model: string;
  /** The view's. */
  readonly digest: string;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** Note that a backfill has filled a view's tiles of a span; spans that touch are one, of others the later one stands. */
export async function noteBackfilled(note: WarmthNote, span: Span): Promise<void> {
  await writePart(note, backfillPart, (standing) =>
    standing === undefined ? span : joined(bodyOf(standing, spanBody), span),
  );
}

/** Note that from an instant of event time on a view is fed by a version that was made live although tiles lacked. */
export async function noteCold(note: WarmthNote, sinceMs: number): Promise<void> {
  await writePart(note, coldPart, () => ({ sinceMs }));
}

function joined(standing: Span, span: Span): Span {
  const areApart = standing.toMs < span.fromMs || span.toMs < standing.fromMs;
  if (areApart) return standing.toMs > span.toMs ? standing : span;
  return { fromMs: Math.min(standing.fromMs, span.fromMs), toMs: Math.max(standing.toMs, span.toMs) };
}

async function writePart(
  { tiles, model, digest, nowMs }: WarmthNote,
  shard: string,
  decide: (standing: ShardPart | undefined) => object,
): Promise<void> {
  const place = placeOf(model, digest);
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const [found] = await tiles.read([
      { partitionKey: place.partitionKey, from: place.sortKey, to: place.sortKey },
    ]);
    const standing = found![0]?.parts.get(shard);
    const text = JSON.stringify(decide(standing));
    // A mark that is what it marks: who writes the same writes nothing new.
    if (standing?.mark === text) return;
    const part = { mark: text, body: Buffer.from(text) };
    const expiresAt = Math.floor(nowMs / 1000) + keepSeconds;
    const failed = await tiles.write([{ ...place, shard, expected: standing?.mark, part, expiresAt }]);
    if (failed.length === 0) return;
  }
  throw new DependencyError(
    `view ${digest} of "${model}": its note could not be written in ${maxAttempts} attempts; run the same command again`,
    { code: "dependency.unavailable", details: { model, digest } },
  );
}

function bodyOf<Schema extends z.ZodMiniType>({ body }: ShardPart, schema: Schema): z.infer<Schema> {
  const text = Buffer.from(body).toString("utf8");
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new InvariantError(`note about a view: got ${text.slice(0, 100)}, which is none`, { cause });
  }
}
