import { MemoryShardStateStore } from "../../../../functions/adapters/memory/memory-shard-state-store.ts";
import { createFieldIndex } from "../../../../functions/core/decode/field-index.ts";
import { type Mark, markOf } from "../../../../functions/core/state/mark.ts";
import type {
  FailedWrite,
  ShardStateStore,
  StateWrite,
} from "../../../../functions/core/state/shard-state-store.ts";
import type { Ask, ViewBatch } from "../../../../functions/core/views/view-batch.ts";
import { compileViews, type Feed, type ViewProgram } from "../../../../functions/core/views/view-program.ts";
import { createViewState, type ViewState } from "../../../../functions/core/views/view-state.ts";
import { naiveAggregate } from "./naive-aggregate.ts";

/** An event of a simulated stream: it asks first, then feeds. */
export interface SimulatedEvent {
  readonly shard: string;
  readonly mark: Mark;
  readonly ask: Ask;
  readonly feeds: readonly Feed[];
  /** The shard's newest event time before it. */
  readonly newestMs: number;
}

/** How often something goes wrong, from 0 to 1. */
export interface Mishaps {
  /** An invocation ends between any two of its writes. */
  readonly kill: number;
  /** A write is not made, or is made and reported as not made. */
  readonly failWrite: number;
  /** The predictions of an event on, within the batch, cannot be put. */
  readonly failPrediction: number;
  /** Another environment gets the shard's next batch. */
  readonly moveEnvironment: number;
  /** A batch that is done is delivered again. */
  readonly redeliver: number;
}

export interface SimulationOptions {
  readonly program: ViewProgram;
  readonly events: readonly SimulatedEvent[];
  readonly random: () => number;
  readonly mishaps: Mishaps;
  readonly maxBytes?: number;
}

class Killed extends Error {}

/** A store whose writes fail, or end with their process. */
class UnreliableStore implements ShardStateStore {
  readonly #store: ShardStateStore;
  readonly #random: () => number;
  readonly #failRatio: number;
  /** Writes until the process ends. */
  writesLeft = Number.POSITIVE_INFINITY;

  constructor(store: ShardStateStore, { random, failWrite }: { random: () => number; failWrite: number }) {
    this.#store = store;
    this.#random = random;
    this.#failRatio = failWrite;
  }

  read: ShardStateStore["read"] = (ranges) => this.#store.read(ranges);

  async write(writes: readonly StateWrite[]): Promise<readonly FailedWrite[]> {
    const failed: FailedWrite[] = [];
    // In an order of their own, as parallel writes are.
    const order = writes.map((_, index) => ({ index, at: this.#random() })).sort((a, b) => a.at - b.at);
    for (const { index } of order) {
      if (this.writesLeft-- <= 0) throw new Killed();
      const fails = this.#random() < this.#failRatio;
      if (fails && this.#random() < 0.5) failed.push({ index, reason: "unavailable" });
      else {
        const refused = await this.#store.write([writes[index]!]);
        if (refused.length > 0) failed.push({ ...refused[0]!, index });
        else if (fails) failed.push({ index, reason: "unavailable" });
      }
    }
    return failed.sort((a, b) => a.index - b.index);
  }
}

interface Clock {
  readonly mark: Mark;
  readonly newestMs: number;
  /** Who wrote it. */
  readonly by: Environment;
}

interface Environment {
  readonly state: ViewState;
  readonly store: UnreliableStore;
}

/** What came of a simulation. */
export interface SimulationResult {
  readonly store: MemoryShardStateStore;
  /** The features of each event as they were first put, by mark. */
  readonly served: ReadonlyMap<string, Float64Array>;
  readonly invocations: number;
  readonly conflicts: number;
  readonly queries: number;
  readonly newestMs: ReadonlyMap<string, number>;
}

/** Deliver streams to two environments until every event is done, as the stream function does, mishaps included. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const { program, events, random, mishaps, maxBytes } = options;
  const store = new MemoryShardStateStore();
  let nowMs = 1e12;
  const environments = [0, 1].map((): Environment => {
    const unreliable = new UnreliableStore(store, { random, failWrite: mishaps.failWrite });
    const state = createViewState({ program, store: unreliable, model: "m", nowMs: () => nowMs, maxBytes });
    return { state, store: unreliable };
  });
  const shards = [...new Set(events.map(({ shard }) => shard))];
  const clocks = new Map<string, Clock>();
  const current = new Map(shards.map((shard, i) => [shard, i % environments.length]));
  const served = new Map<string, Float64Array>();
  let invocations = 0;
  let conflicts = 0;
  let queries = 0;

  const open = () => shards.filter((shard) => restOf(shard).length > 0);
  for (let waiting = open(); waiting.length > 0; waiting = open()) {
    if (++invocations > 50 * events.length) throw new Error("the simulation makes no progress");
    nowMs += random() < 0.05 ? 400_000 : 1_000;
    const shard = waiting[Math.floor(random() * waiting.length)]!;
    if (random() < mishaps.moveEnvironment) current.set(shard, 1 - current.get(shard)!);
    const environment = environments[current.get(shard)!]!;
    const rest = restOf(shard);
    const doneOf = events.filter(
      (each) => each.shard === shard && each.mark <= (clocks.get(shard)?.mark ?? ""),
    );
    const repeated = random() < mishaps.redeliver ? doneOf.slice(-5) : [];
    environment.store.writesLeft =
      random() < mishaps.kill ? Math.floor(random() * 12) : Number.POSITIVE_INFINITY;
    try {
      await invoke(shard, [...repeated, ...rest.slice(0, 1 + Math.floor(random() * 25))], environment);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      // A process that ends takes its memory along.
      const state = createViewState({
        program,
        store: environment.store,
        model: "m",
        nowMs: () => nowMs,
        maxBytes,
      });
      environments[current.get(shard)!] = { state, store: environment.store };
    }
  }
  const newestMs = new Map([...clocks].map(([shard, clock]) => [shard, clock.newestMs]));
  return { store, served, invocations, conflicts, queries, newestMs };

  function restOf(shard: string): SimulatedEvent[] {
    const progress = clocks.get(shard)?.mark ?? "";
    return events.filter((each) => each.shard === shard && each.mark > progress);
  }

  async function invoke(shard: string, delivered: readonly SimulatedEvent[], environment: Environment) {
    const clock = clocks.get(shard);
    const batch = environment.state.begin({
      shard,
      clocks: new Map([...clocks].map(([id, { newestMs: newest }]) => [id, newest])),
      isOwner: clock?.by === environment,
    });
    const todo = delivered.filter(({ mark }) => mark > (clock?.mark ?? ""));
    const failedAt = random() < mishaps.failPrediction ? Math.floor(random() * todo.length) : todo.length;
    const chunkRows = 1 + Math.floor(random() * 10);
    for (let from = 0; from < todo.length; from += chunkRows)
      await runChunk(batch, todo.slice(from, from + chunkRows), { failedAt: failedAt - from });
    const before = todo[failedAt]?.mark;
    const failedMark = await batch.save(before, 1);
    queries += batch.traffic.queries;
    if (failedMark !== undefined) conflicts++;
    if (environment.store.writesLeft-- <= 0) throw new Killed();
    const end = [before, failedMark].filter((mark) => mark !== undefined).sort()[0];
    const last = todo.findLast(({ mark }) => end === undefined || mark < end);
    if (last === undefined) return;
    clocks.set(shard, {
      mark: last.mark,
      newestMs: Math.max(last.newestMs, last.ask.timeMs, ...last.feeds.map(({ timeMs }) => timeMs)),
      by: environment,
    });
  }

  async function runChunk(
    batch: ViewBatch,
    chunk: readonly SimulatedEvent[],
    { failedAt }: { failedAt: number },
  ) {
    await batch.load(
      chunk.map(({ ask }) => ask),
      chunk.flatMap(({ feeds }) => feeds),
    );
    chunk.forEach(({ ask, feeds, mark, shard, newestMs }, i) => {
      const values = new Float64Array(program.windows.length);
      batch.read(ask.keys, ask.timeMs, values);
      const id = `${shard} ${mark}`;
      if (i < failedAt && !served.has(id)) served.set(id, values);
      for (const feed of feeds) batch.apply(feed, mark, newestMs);
    });
  }
}

/** The feeds that count: those that were not late when they came. */
export function countedFeeds(program: ViewProgram, events: readonly SimulatedEvent[]): Feed[] {
  return events.flatMap(({ feeds, newestMs }) =>
    feeds.filter(({ view, timeMs }) => timeMs >= newestMs - program.views[view]!.latenessMs),
  );
}

/** The windowed features of an ask, each computed from all feeds before it by the definition of a window. */
export function naiveFeatures(
  program: ViewProgram,
  before: readonly Feed[],
  { keys, timeMs }: Ask,
): number[] {
  return program.windows.map(({ lookup, windowMs, agg }) => {
    const { view } = program.lookups[lookup]!;
    const { tileMs } = program.views[view]!;
    const tileOf = (ms: number) => Math.floor(ms / tileMs);
    const seen = before.filter(
      (feed) =>
        feed.view === view &&
        feed.key === keys[lookup] &&
        tileOf(feed.timeMs) * tileMs > timeMs - windowMs &&
        tileOf(feed.timeMs) <= tileOf(timeMs),
    );
    return naiveAggregate(seen, agg, timeMs);
  });
}

/** Numbers from 0 to 1, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const aggregates = ["count", "sum", "mean", "min", "max", "std", "rate", "last", "secondsSinceLast"] as const;

/** Two views, one of three levels and one of one, and all that can be asked of them. */
export function simulatedProgram(): ViewProgram {
  const shared = { on: {}, key: "k", value: "v", rate: { above: 0 }, time: "t" };
  const over = (view: string, windows: readonly string[], key?: string) =>
    windows.flatMap((window) =>
      aggregates.map((agg) => [
        `${view} ${key ?? ""} ${agg} ${window}`,
        { view, agg, over: window, default: -1, ...(key === undefined ? {} : { key }) },
      ]),
    );
  return compileViews(
    {
      private: [],
      views: {
        fine: { ...shared, tile: "1s", lateness: "30s" },
        coarse: { ...shared, tile: "1m", lateness: "0s" },
      },
      features: Object.fromEntries([
        ...over("fine", ["7s", "90s", "2h"]),
        ...over("coarse", ["5m", "6h"]),
        ...over("coarse", ["40m"], "other"),
      ]),
    },
    createFieldIndex(),
  );
}

export interface StreamOptions {
  readonly random: () => number;
  readonly shards: readonly string[];
  readonly count: number;
  /** The key an event feeds and asks, of the fine view and of the coarse one. */
  readonly keysOf: (shard: string) => readonly [string, string];
}

/** Events of several shards, in the order they are put; their times stray, jump, and begin before 1970. */
export function simulatedEvents(
  program: ViewProgram,
  { random, shards, count, keysOf }: StreamOptions,
): SimulatedEvent[] {
  let timeMs = -5_000_000;
  const newest = new Map<string, number>();
  return Array.from({ length: count }, (_, i) => {
    timeMs += random() < 0.05 ? random() * 3_000_000 : random() * 9_000;
    const stray = random() < 0.2 ? -random() * 60_000 : random() < 0.05 ? -random() * 1e7 : 0;
    const at = Math.floor(timeMs + stray);
    const shard = shards[Math.floor(random() * shards.length)]!;
    const [fine, coarse] = keysOf(shard);
    const newestMs = newest.get(shard) ?? Number.NEGATIVE_INFINITY;
    const value = random() < 0.3 ? 0.1 + random() * 50 : Math.floor(random() * 100) - 40;
    const seen = { value, hit: value > 0, timeMs: at };
    const feeds: Feed[] = [];
    if (random() < 0.8) feeds.push({ ...seen, view: 0, key: fine });
    if (random() < 0.6) feeds.push({ ...seen, view: 1, key: coarse });
    const ask = { keys: program.lookups.map(({ view }) => (view === 0 ? fine : coarse)), timeMs: at };
    newest.set(shard, Math.max(newestMs, at));
    return { shard, mark: markOf(String(i), 0), ask, feeds, newestMs };
  });
}
