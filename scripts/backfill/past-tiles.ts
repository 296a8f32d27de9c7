import type { StoredState } from "../../functions/adapters/memory/memory-shard-state-store.ts";
import type { ShardPart } from "../../functions/core/state/shard-state-store.ts";
import { startOf } from "../../functions/core/views/block-key.ts";
import { blockMsOf } from "../../functions/core/views/view-loading.ts";
import type { ViewShape } from "../../functions/core/views/view-program.ts";
import type { Span } from "./event-span.ts";

/** What one shard counted in one block of one key. */
export interface PastTiles {
  readonly partitionKey: string;
  readonly sortKey: string;
  readonly shard: string;
  readonly part: ShardPart;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/** The tiles among a model's state whose blocks lie in a span, in part or as a whole: never its clocks. */
export function* pastTiles(
  items: Iterable<StoredState>,
  views: readonly ViewShape[],
  { fromMs, toMs }: Span,
): Generator<PastTiles> {
  for (const { partitionKey, sortKey, parts, expiresAt } of items) {
    // `<model>#view#<digest>#<level>#<key>`, of which only the key may hold a "#".
    const [, kind, digest, level] = partitionKey.split("#", 4);
    const view = kind === "view" ? views.find((each) => each.digest === digest) : undefined;
    if (view === undefined) continue;
    const startMs = startOf(sortKey);
    if (startMs >= toMs || startMs + blockMsOf(view, Number(level)) <= fromMs) continue;
    for (const [shard, part] of parts) yield { partitionKey, sortKey, shard, part, expiresAt };
  }
}
