import { AwsError } from "../aws-error.ts";
import type { KinesisReader, ShardCursor, ShardInfo, ShardStart } from "../kinesis/reader.ts";
import { type Backoff, backoffMs, systemTiming, type Timing } from "./backoff.ts";
import { checkEventSource, type EventSourceConfig, type EventSourceMapping } from "./event-source-config.ts";
import { deliver, type FailureDestination } from "./failure-destination.ts";
import { partitionCursor } from "./partitioned-cursor.ts";
import { type BatchInvoker, ShardLane } from "./shard-lane.ts";

export interface PollerOptions {
  readonly reader: KinesisReader;
  readonly invoke: BatchInvoker;
  readonly failureDestination: FailureDestination;
  /** For the invocation record. */
  readonly functionArn: () => string;
  readonly onIteratorAge?: (ageMs: number) => void;
  readonly timing?: Timing;
  /** Delay between failed invocations of a shard; 200 ms doubling up to 5 s by default. */
  readonly backoff?: Backoff;
}

/** The settings that UpdateEventSourceMapping may change. */
export type EventSourceUpdate = Partial<Omit<EventSourceConfig, "uuid" | "eventSourceArn">>;

export const defaultBackoff: Backoff = Object.freeze({ baseMs: 200, capMs: 5_000 });

/**
 * A Kinesis event-source mapping at work, as Lambda's own poller behaves.
 *
 * Every shard has one invocation at a time, or with a parallelisation factor one for each group of partition keys. A shard starts when its parents have been read to their end; shards that
 * exist when the mapping is first enabled start where the mapping says, later ones at TRIM_HORIZON, so that a split
 * loses nothing. Checkpoints are in memory: disabling keeps them, deleting drops them.
 *
 * @see AWS Lambda developer guide, "Using Lambda to process records from Amazon Kinesis Data Streams"
 */
export class EventSourcePoller {
  readonly #options: PollerOptions;
  readonly #timing: Timing;
  readonly #shards = new Map<string, Shard>();
  #mapping: EventSourceMapping;
  #isDiscovered = false;
  #run: Run | undefined;
  #transition: Promise<void> = Promise.resolve();
  #lastResult = "No records processed";
  #lastModifiedMs: number;

  /** @throws {AwsError} `InvalidParameterValueException` for settings outside Lambda's limits or not supported here. */
  constructor(config: EventSourceConfig, options: PollerOptions) {
    this.#mapping = checkEventSource(config);
    this.#options = options;
    this.#timing = options.timing ?? systemTiming;
    this.#lastModifiedMs = this.#timing.now();
    if (this.#mapping.enabled) this.#start();
  }

  get mapping(): EventSourceMapping {
    return this.#mapping;
  }

  get lastProcessingResult(): string {
    return this.#lastResult;
  }

  get lastModifiedMs(): number {
    return this.#lastModifiedMs;
  }

  /** True while every record that has arrived is done, or the mapping is disabled. */
  get isIdle(): boolean {
    if (this.#run === undefined) return true;
    const lanes = [...this.#shards.values()].flatMap((shard) => shard.lanes);
    return lanes.every(({ isDone, isRunning, lane }) => isDone || !isRunning || lane.isIdle);
  }

  /** Change settings; they hold from the next batch on. Resolves when a switch on or off has taken effect. */
  async update(update: EventSourceUpdate): Promise<void> {
    const mapping = checkEventSource({ ...this.#mapping, ...update });
    if (mapping.parallelizationFactor !== this.#mapping.parallelizationFactor) {
      const message = `parallelizationFactor: got ${mapping.parallelizationFactor}, the embedded cloud cannot change it (${this.#mapping.parallelizationFactor}) while the mapping lives; deploy a new mapping`;
      throw new AwsError("InvalidParameterValueException", message);
    }
    this.#mapping = mapping;
    this.#lastModifiedMs = this.#timing.now();
    await this.#then(async () => {
      if (this.#mapping.enabled) this.#start();
      else await this.#pause();
    });
  }

  /** Let running invocations finish, then stop for good. */
  close(): Promise<void> {
    this.#mapping = { ...this.#mapping, enabled: false };
    return this.#then(() => this.#pause());
  }

  /** Switch on and off one after the other; a failed switch is its caller's to know, and stops no later one. */
  #then(step: () => Promise<void>): Promise<void> {
    const result = this.#transition.then(step);
    this.#transition = result.catch(() => undefined);
    return result;
  }

  #start(): void {
    if (this.#run !== undefined) return;
    const { eventSourceArn } = this.#mapping;
    const unsubscribe = this.#options.reader.onShardsChanged(eventSourceArn, () => this.#advance(run));
    const run: Run = { controller: new AbortController(), running: new Set(), unsubscribe };
    this.#run = run;
    this.#advance(run);
  }

  async #pause(): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    run.unsubscribe();
    run.controller.abort();
    while (run.running.size > 0) await Promise.all(run.running);
    this.#run = undefined;
  }

  /** Take up new shards, and start the lanes whose parents are done. */
  #advance(run: Run): void {
    if (run.controller.signal.aborted) return;
    try {
      this.#discover();
    } catch (error) {
      // The stream is gone; lanes that still hold records go on with them.
      this.#lastResult = `PROBLEM: ${messageOf(error)}`;
    }
    for (const shard of this.#shards.values()) {
      if (!this.#areParentsDone(shard.info)) continue;
      for (const lane of shard.lanes) if (!lane.isDone && !lane.isRunning) this.#startLane(lane, run);
    }
  }

  #startLane(lane: Lane, run: Run): void {
    lane.isRunning = true;
    const running = this.#runLane(lane, run).finally(() => {
      lane.isRunning = false;
      run.running.delete(running);
      this.#advance(run);
    });
    run.running.add(running);
  }

  #discover(): void {
    const { eventSourceArn } = this.#mapping;
    const listed = this.#options.reader.listShards(eventSourceArn);
    const start: ShardStart = this.#isDiscovered ? { type: "TRIM_HORIZON" } : this.#initialStart();
    for (const info of listed) {
      if (this.#shards.has(info.shardId)) continue;
      // Opened now even if a parent comes first: LATEST means the tip at this moment.
      const cursor = this.#options.reader.openCursor(eventSourceArn, info.shardId, start);
      const lanes = partitionCursor(cursor, this.#mapping.parallelizationFactor).map((part) => ({
        lane: this.#makeLane(info.shardId, part),
        isDone: false,
        isRunning: false,
      }));
      this.#shards.set(info.shardId, { info, lanes });
    }
    this.#isDiscovered = true;
    const names = new Set(listed.map(({ shardId }) => shardId));
    for (const [name, shard] of this.#shards) {
      if (isDone(shard) && !names.has(name)) this.#shards.delete(name);
    }
  }

  #initialStart(): ShardStart {
    const { startingPosition: type, startingPositionTimestampMs: timestampMs = 0 } = this.#mapping;
    return type === "AT_TIMESTAMP" ? { type, timestampMs } : { type };
  }

  /** A parent that is no longer listed was trimmed away: there is nothing of it to wait for. */
  #areParentsDone({ parentShardId, adjacentParentShardId }: ShardInfo): boolean {
    return [parentShardId, adjacentParentShardId].every(
      (parent) => parent === undefined || isDone(this.#shards.get(parent)),
    );
  }

  #makeLane(shardId: string, cursor: ShardCursor): ShardLane {
    const source = { streamArn: this.#mapping.eventSourceArn, shardId };
    return new ShardLane({
      source,
      cursor,
      mapping: () => this.#mapping,
      invoke: this.#options.invoke,
      giveUp: async (given) => {
        const { onFailureDestinationArn, uuid: mappingUuid } = this.#mapping;
        // Without a destination Lambda discards, and so do we; the mapping's last result has said why.
        if (onFailureDestinationArn === undefined) return;
        const functionArn = this.#options.functionArn();
        const givenUp = { ...given, source, mappingUuid, functionArn, nowMs: this.#timing.now() };
        await deliver(onFailureDestinationArn, givenUp, this.#options.failureDestination);
      },
      timing: this.#timing,
      backoff: this.#options.backoff ?? defaultBackoff,
      onResult: (result) => {
        this.#lastResult = result;
      },
      onIteratorAge: (ageMs) => this.#options.onIteratorAge?.(ageMs),
    });
  }

  /** Never rejects: a pause ends it, and an error of the stream is tried again after a while. */
  async #runLane(lane: Lane, { controller: { signal } }: Run): Promise<void> {
    const backoff = this.#options.backoff ?? defaultBackoff;
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        await lane.lane.run(signal);
        lane.isDone = true;
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.#lastResult = `PROBLEM: ${messageOf(error)}`;
        await this.#timing
          .sleep(backoffMs(backoff, failures, this.#timing.random), signal)
          .catch(() => undefined);
      }
    }
  }
}

interface Shard {
  readonly info: ShardInfo;
  readonly lanes: readonly Lane[];
}

interface Lane {
  readonly lane: ShardLane;
  isDone: boolean;
  isRunning: boolean;
}

interface Run {
  readonly controller: AbortController;
  readonly running: Set<Promise<void>>;
  readonly unsubscribe: () => void;
}

function isDone(shard: Shard | undefined): boolean {
  return shard?.lanes.every((lane) => lane.isDone) ?? true;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
