import { createHash } from "node:crypto";
import type { KinesisStreamEvent } from "aws-lambda";
import { DependencyError } from "../../../../functions/core/errors.ts";
import type { StreamDeps } from "../../../../functions/stream/deps.ts";
import { processBatch } from "../../../../functions/stream/process-batch.ts";
import { type Random, seededRandom } from "../../../../scripts/onnx/random.ts";
import { sequenceNumber, streamArn } from "../set-up.ts";

/** One event on its way. */
export interface StreamEvent {
  readonly partitionKey: string;
  readonly data: object;
  readonly arrivalMs: number;
}

interface Shard {
  readonly id: string;
  readonly records: { readonly event: StreamEvent; readonly sequenceNumber: string }[];
  /** Records that are done. */
  done: number;
  /** Must be drained first. */
  readonly parent: Shard | undefined;
}

export interface Trouble {
  /** Shares, from 0 to 1. */
  readonly redelivered: number;
  readonly killed: number;
  readonly throttled: number;
}

/** What an environment's calls go through: each may fail, and may be the last thing that the environment does. */
export interface Gate {
  /**
   * Make a call; where the environment is killed amid it, it is made or not, and never answers.
   *
   * @throws {DependencyError} where it is throttled.
   */
  call<Result>(make: () => Promise<Result>): Promise<Result>;
  /** Make a call of many writes, of which single ones fail: it gets those that do not. */
  callEach<Item, Result>(
    items: readonly Item[],
    make: (accepted: readonly Item[]) => Promise<readonly Result[]>,
    refusal: Result,
  ): Promise<Result[]>;
}

/**
 * Deliver events as Lambda does, in trouble: batches of all sizes, some delivered again when they were done, some killed
 * amid their calls, some calls throttled, and two environments that take turns.
 */
export function createTroubledStream(options: {
  readonly seed: number;
  readonly trouble: Trouble;
  readonly shardCount: number;
  /** A new environment, all of whose calls outside go through the gate. */
  readonly makeEnvironment: (gate: Gate) => StreamDeps;
}) {
  const { trouble, makeEnvironment } = options;
  const random = seededRandom(options.seed);
  const open: Shard[] = Array.from({ length: options.shardCount }, (_, i) => newShard(i));
  const all = [...open];
  const parents = new Map<string, readonly string[]>();
  let nextRecord = 0;
  const environments = [environment(), environment()];
  const counts = { batches: 0, redelivered: 0, killed: 0, failed: 0 };

  return { put, split, drain, parentsOf: async (shard: string) => parents.get(shard) ?? [], shardOf, counts };

  function put(event: StreamEvent): void {
    shardOf(event.partitionKey).records.push({ event, sequenceNumber: sequenceNumber(nextRecord++) });
  }

  function shardOf(partitionKey: string): Shard {
    const hash = createHash("md5").update(partitionKey).digest().readUInt32BE(0);
    return open[Math.floor((hash / 2 ** 32) * open.length)]!;
  }

  /** Split every shard in two; what a parent still has comes before what its children get. */
  function split(): void {
    for (const parent of open.splice(0)) {
      for (let child = 0; child < 2; child++) {
        const shard = newShard(all.length, parent);
        parents.set(shard.id, [parent.id]);
        open.push(shard);
        all.push(shard);
      }
    }
  }

  /** Deliver until nothing is left. */
  async function drain(): Promise<void> {
    for (;;) {
      const ready = all.filter(
        ({ records, done, parent }) =>
          done < records.length && (parent === undefined || parent.done === parent.records.length),
      );
      if (ready.length === 0) return;
      await deliver(ready[random.integer(ready.length)]!);
    }
  }

  async function deliver(shard: Shard): Promise<void> {
    const size = 1 + Math.floor(random.uniform() ** 2 * 600);
    const from = shard.done;
    const batch = batchOf(shard, from, Math.min(from + size, shard.records.length));
    counts.batches++;
    const failed = await invoke(batch);
    if (failed === "killed") return;
    shard.done = failed === undefined ? from + batch.Records.length : indexOf(shard, failed);
    if (failed !== undefined) counts.failed++;
    if (failed === undefined && random.uniform() < trouble.redelivered) {
      counts.redelivered++;
      await invoke(batch);
    }
  }

  /** @returns the sequence number that failed, if any. */
  async function invoke(batch: KinesisStreamEvent): Promise<string | "killed" | undefined> {
    const at = random.integer(environments.length);
    const { deps, gate } = environments[at]!;
    const killed = gate.arm(random.uniform() < trouble.killed ? 1 + random.integer(24) : undefined);
    const answer = await Promise.race([processBatch(batch, deps), killed]);
    if (answer === "killed") {
      counts.killed++;
      environments[at] = environment();
      return "killed";
    }
    return answer.batchItemFailures[0]?.itemIdentifier;
  }

  function environment() {
    const gate = createGate(random, trouble.throttled);
    return { gate, deps: makeEnvironment(gate) };
  }
}

function newShard(number: number, parent?: Shard): Shard {
  return { id: `shardId-${String(number).padStart(12, "0")}`, records: [], done: 0, parent };
}

function indexOf({ records }: Shard, sequence: string): number {
  return records.findIndex(({ sequenceNumber: each }) => each === sequence);
}

function batchOf({ id, records }: Shard, from: number, to: number): KinesisStreamEvent {
  return {
    Records: records.slice(from, to).map(({ event, sequenceNumber: sequence }) => ({
      kinesis: {
        kinesisSchemaVersion: "1.0",
        partitionKey: event.partitionKey,
        sequenceNumber: sequence,
        data: Buffer.from(JSON.stringify(event.data)).toString("base64"),
        approximateArrivalTimestamp: event.arrivalMs / 1000,
      },
      eventSource: "aws:kinesis",
      eventVersion: "1.0",
      eventID: `${id}:${sequence}`,
      eventName: "aws:kinesis:record",
      invokeIdentityArn: "arn:aws:iam::111122223333:role/stream",
      awsRegion: "eu-west-1",
      eventSourceARN: streamArn,
    })),
  };
}

function createGate(random: Random, throttled: number) {
  let stepsLeft: number | undefined;
  let die = () => {};

  async function step(): Promise<void> {
    if (stepsLeft === undefined || stepsLeft-- > 0) return;
    die();
    await new Promise(() => {});
  }

  async function pass<Result>(make: () => Promise<Result>): Promise<Result> {
    await step();
    const result = await make();
    await step();
    return result;
  }

  return {
    /** From now on, die after so many steps, two to a call. */
    arm(steps: number | undefined): Promise<"killed"> {
      stepsLeft = steps;
      return new Promise((resolve) => {
        die = () => resolve("killed");
      });
    },
    call: <Result>(make: () => Promise<Result>) =>
      pass(async () => {
        if (random.uniform() < throttled)
          throw new DependencyError("throttled", { code: "dependency.throttled" });
        return await make();
      }),
    async callEach<Item, Result>(
      items: readonly Item[],
      make: (accepted: readonly Item[]) => Promise<readonly Result[]>,
      refusal: Result,
    ): Promise<Result[]> {
      const isThrottled = random.uniform() < throttled;
      const isAccepted = items.map(() => !isThrottled || random.uniform() < 0.9);
      const results = await pass(() => make(items.filter((_, i) => isAccepted[i])));
      let next = 0;
      return items.map((_, i) => (isAccepted[i] ? results[next++]! : refusal));
    },
  } satisfies Gate & Record<string, unknown>;
}
