import { MemoryShardStateStore } from "../../functions/adapters/memory/memory-shard-state-store.ts";
import { secondsOf } from "../../functions/contract/duration.ts";
import type { ModelPackage } from "../../functions/contract/model-package.ts";
import { hasState, isIdPrivate, isPrivate, pathsOf } from "../../functions/contract/package-problems.ts";
import { ConfigError } from "../../functions/core/errors.ts";
import type { LoadedModel } from "../../functions/core/inference/loaded-model.ts";
import type { ExampleStore } from "../../functions/core/outcome/example-store.ts";
import { readClocks } from "../../functions/core/state/shard-clock.ts";
import type { ShardStateStore } from "../../functions/core/state/shard-state-store.ts";
import { startOf } from "../../functions/core/views/block-key.ts";
import { blockMsOf } from "../../functions/core/views/view-loading.ts";
import type { PastEvent } from "../archive/archived-object.ts";
import { type Archive, readArchive } from "../archive/read-archive.ts";
import type { ObjectStore } from "../redrive/object-store.ts";
import { createSpanFilter, neededSpan, type Span } from "./event-span.ts";
import { createExampleWriter } from "./example-writer.ts";
import { pastTiles } from "./past-tiles.ts";
import { type Replayed, type ReplayOptions, replayEvents } from "./replay-events.ts";
import { noteBackfilled } from "./warm-spans.ts";
import { type WrittenTiles, writeTiles } from "./write-tiles.ts";

export interface BackfillOptions extends Span, Pick<ReplayOptions, "parentsOf" | "signal"> {
  readonly model: LoadedModel;
  /** The data bucket, which holds the archive. */
  readonly data: Pick<ObjectStore, "list" | "get">;
  /** The table of tiles. */
  readonly tiles: ShardStateStore;
  /** Where examples go; undefined for none. */
  readonly examples: ExampleStore | undefined;
  /** Told of what in the archive cannot be read; the rest is read on. */
  readonly noteDamaged: (message: string) => void;
  /** Told what is being done and how far that is. */
  readonly onProgress?: (doing: "replay" | "tiles", doneCount: number) => void;
}

export interface Backfilled {
  readonly replayed: Replayed;
  /** Events of the archive that happened at other times, or of which nothing is left. */
  readonly passedOver: number;
  /** Objects of the archive that were looked at. */
  readonly objects: number;
  readonly shards: number;
  /** Of predictions within the span. */
  readonly examples: number;
  readonly tiles: WrittenTiles;
  readonly durationMs: number;
}

/**
 * Replay the archive for a version of a model: its tiles as if its views had been there, and examples as they would have
 * been served.
 *
 * Tiles are those of the blocks that the span touches. Predictions are nobody's: they are neither stored nor emitted.
 *
 * @throws {ConfigError} for a model that keeps nothing, or that needs what the archive lacks.
 * @throws {DependencyError} when bucket or table cannot be reached; run it again.
 */
export async function backfill(options: BackfillOptions): Promise<Backfilled> {
  const { model, fromMs, toMs, onProgress } = options;
  const startedMs = performance.now();
  assertPossible(model.package);
  const needed = neededSpan(model, options);
  const archive = await readArchive({
    store: options.data,
    noteDamaged: options.noteDamaged,
    // An event is never further ahead of its arrival.
    from: needed.fromMs - secondsOf(model.package.event.ahead) * 1000,
  });
  const events = eventsWithin(archive, createSpanFilter(model, needed));
  const state = new MemoryShardStateStore();
  const writer =
    options.examples &&
    createExampleWriter(options.examples, {
      ...{ fromMs, toMs },
      model: model.package.name,
      digest: model.digest,
    });
  const replayed = await replayEvents({
    ...options,
    events: events.within,
    tiles: state,
    onExamples: (batch) => writer?.add(batch),
    onProgress: (count) => onProgress?.("replay", count),
  });
  await writer?.end();
  const tiles = await writeTiles({
    ...options,
    tiles: pastTiles(state.items, model.program.views.views, options),
    table: options.tiles,
    onProgress: (count) => onProgress?.("tiles", count),
  });
  const filled = await filledSpan(state, { model, span: options, neededFromMs: needed.fromMs });
  for (const { digest } of filled === undefined ? [] : model.program.views.views)
    await noteBackfilled(
      { tiles: options.tiles, model: model.package.name, digest, nowMs: Date.now() },
      filled!,
    );
  return {
    replayed,
    passedOver: events.passedOver(),
    objects: archive.objectCount,
    shards: archive.shards.length,
    examples: writer?.count ?? 0,
    tiles,
    durationMs: performance.now() - startedMs,
  };
}

/**
 * What of event time the tiles now cover: up to the newest event, and from before the span where nothing happened then.
 *
 * @returns undefined where there was no event.
 */
async function filledSpan(
  state: MemoryShardStateStore,
  {
    model: { package: pkg, program },
    span,
    neededFromMs,
  }: { readonly model: LoadedModel; readonly span: Span; readonly neededFromMs: number },
): Promise<Span | undefined> {
  const clocks = [...(await readClocks(state, pkg.name)).values()];
  const newest = clocks.flatMap(({ newestMs }) => newestMs ?? []);
  if (newest.length === 0) return undefined;
  const longestMs = Math.max(0, ...program.views.views.map((view) => blockMsOf(view, 0)));
  const isEarlier = state.items.some(
    ({ partitionKey, sortKey }) =>
      partitionKey.includes("#view#") && startOf(sortKey) + longestMs <= span.fromMs,
  );
  return { fromMs: isEarlier ? span.fromMs : neededFromMs, toMs: Math.min(span.toMs, Math.max(...newest)) };
}

function eventsWithin(archive: Archive, isWithin: (event: PastEvent) => boolean) {
  let passedOver = 0;
  return { within: within(), passedOver: () => passedOver };

  async function* within(): AsyncGenerator<PastEvent> {
    for await (const event of archive.all()) {
      if (isWithin(event)) yield event;
      else passedOver++;
    }
  }
}

function assertPossible(pkg: ModelPackage): void {
  const details = { model: pkg.name };
  if (!hasState(pkg)) {
    throw new ConfigError(
      `model "${pkg.name}": got a package with neither views nor an outcome, expected one of them; there is nothing to backfill`,
      { code: "config.model", details },
    );
  }
  const keys = [...Object.values(pkg.views), ...Object.values(pkg.features)].flatMap((each) =>
    "key" in each && each.key !== undefined ? pathsOf(each.key) : [],
  );
  const lacking = keys.filter((path) => isPrivate(pkg, path));
  if (isIdPrivate(pkg) && pkg.event.id !== undefined) lacking.push(pkg.event.id);
  if (lacking.length === 0) return;
  throw new ConfigError(
    `model "${pkg.name}": needs ${[...new Set(lacking)].map((path) => `"${path}"`).join(", ")}, which is private and so not in the archive; it cannot be backfilled`,
    { code: "config.model", details },
  );
}
