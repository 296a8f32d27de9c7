import type { LoadedModel } from "../core/inference/loaded-model.ts";
import { readClocks } from "../core/state/shard-clock.ts";
import type { ShardStateStore } from "../core/state/shard-state-store.ts";
import { writingShards } from "../core/state/writing-shards.ts";
import type { ViewReads } from "../core/views/view-batch.ts";
import { createViewState, type ViewState } from "../core/views/view-state.ts";

/** Read the views of versions as of now; what can change no more is kept in memory, by version. */
export function createViewReader(
  tiles: ShardStateStore,
  now: () => number,
): (model: LoadedModel) => Promise<ViewReads | undefined> {
  const states = new WeakMap<LoadedModel, ViewState>();
  return async (model) => {
    const { views } = model.program;
    if (views.windows.length === 0) return undefined;
    const name = model.package.name;
    const state =
      states.get(model) ?? createViewState({ program: views, store: tiles, model: name, nowMs: now });
    states.set(model, state);
    return state.readOnly(writingShards(await readClocks(tiles, name)));
  };
}
