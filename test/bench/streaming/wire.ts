import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  DescribeStreamSummaryCommand,
  type KinesisClient,
  UpdateShardCountCommand,
  UpdateStreamModeCommand,
} from "@aws-sdk/client-kinesis";
import { kinesisClient } from "../../../functions/adapters/aws/clients.ts";
import { stackName, stateOutputs } from "../../../functions/contract/stack-outputs.ts";
import { interleavedEvents } from "../../../scripts/flights/interleaved-events.ts";
import { type Cloud, startCloud } from "../../../scripts/local/cloud.ts";
import { localCredentials } from "../../../scripts/local/local-clients.ts";
import { localRegion } from "../../../scripts/local/service.ts";
import { publishToState } from "../../../scripts/publish/publish-to-stage.ts";
import { followStream } from "../../../scripts/replay/follow-stream.ts";
import { type OutgoingEvent, putEvents } from "../../../scripts/replay/put-events.ts";
import { synthesise } from "../../../scripts/start/synthesise.ts";
import { quantile } from "../ratio.ts";
import type { Result } from "../result.ts";
import { flightModel, modelName } from "./flight-model.ts";

export interface WireOptions {
  /** Events put as fast as the stream takes them, after as many again that do not count. */
  readonly eventCount: number;
  /** How long events are put at the steady rate. */
  readonly steadySeconds: number;
  /** Numbers of shards to measure. @default 1 and 4 */
  readonly shards?: readonly number[] | undefined;
  readonly onProgress: (text: string) => void;
}

const stage = "dev";
const steadyPerSecond = 150;
/** Events per second, and milliseconds from put to prediction at the steady rate. */
const bars = { eventsPerSecond: 500, latencyMs: 150 } as const;
const quietMs = 30_000;
/** As npm start reads its predictions. */
const pollIntervalMs = 20;

/**
 * The whole service on the wire, as npm start deploys it: four lookups over three views, twelve windows and the outcomes,
 * on one shard and on four.
 *
 * Absolute figures of this machine, whatever else it does: the load is told with them.
 */
export async function measureWire(options: WireOptions): Promise<Result[]> {
  const results: Result[] = [];
  for (const shardCount of options.shards ?? [1, 4])
    results.push(...(await measureShards(shardCount, options)));
  return results;
}

async function measureShards(shardCount: number, options: WireOptions): Promise<Result[]> {
  const { eventCount, steadySeconds, onProgress } = options;
  const service = await startService(shardCount);
  const where = shardCount === 1 ? "1 shard" : `${shardCount} shards`;
  try {
    const events = outgoingEvents();
    onProgress(`on the wire, ${where}: ${eventCount} events to warm up`);
    await service.put(await take(events, eventCount));
    onProgress(`on the wire, ${where}: ${eventCount} events at full speed`);
    const full = await service.put(await take(events, eventCount));
    const fullLoad = load();
    onProgress(`on the wire, ${where}: ${steadySeconds} s of ${steadyPerSecond} events a second`);
    const steady = await service.put(await take(events, steadySeconds * steadyPerSecond), steadyPerSecond);
    const steadyLoad = load();
    await events.return(undefined);
    const perSecond = full.eventCount / full.seconds;
    const at = (share: number) => quantile(steady.latenciesMs, share);
    return [
      {
        name: `on the wire, ${where}: events/s ÷ ${bars.eventsPerSecond}`,
        ...exactly(perSecond / bars.eventsPerSecond),
        ...{ floor: 1, better: "higher" },
        detail: `${perSecond.toFixed(0)} events a second; load average ${fullLoad}`,
      },
      {
        name: `on the wire, ${where}: put to prediction at ${steadyPerSecond} events/s, p50 ÷ ${bars.latencyMs} ms`,
        ...exactly(at(0.5) / bars.latencyMs),
        ...{ floor: 1, better: "lower" },
        detail: `p50 ${at(0.5).toFixed(0)}, p95 ${at(0.95).toFixed(0)}, p99 ${at(0.99).toFixed(0)} ms; load average ${steadyLoad}`,
      },
    ];
  } finally {
    await service.stop();
  }
}

async function startService(shardCount: number) {
  const folder = await mkdtemp(join(tmpdir(), "headrace-bench-"));
  const lines: string[] = [];
  const cloud = await startCloud({
    onLog: (source, line) => {
      lines.push(`${source}: ${line}`);
      if (lines.length > 50) lines.shift();
    },
  });
  const credentials = { ...localCredentials };
  const client = kinesisClient({ endpoint: cloud.endpoint, region: localRegion, credentials });
  try {
    await synthesise({ stage, outDirectory: join(folder, "cdk.out"), models: { [modelName]: {} } });
    const { outputs } = await cloud.deploy(join(folder, "cdk.out"));
    const state = stateOutputs.parse(outputs[stackName(stage, "State")]);
    await publishFlights(cloud, { folder: join(folder, "package"), state });
    const stream = state.EventsStreamName;
    await resize(client, stream, shardCount);
    return {
      put: (events: readonly OutgoingEvent[], ratePerSecond?: number) =>
        putAndFollow(events, { cloud, client, state, ratePerSecond }).catch((cause: unknown) => {
          throw new Error(`on the wire: ${lines.slice(-5).join("\n")}`, { cause });
        }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }

  async function stop(): Promise<void> {
    client.destroy();
    await cloud.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function publishFlights(
  cloud: Cloud,
  { folder, state }: { readonly folder: string; readonly state: ReturnType<typeof stateOutputs.parse> },
): Promise<void> {
  await mkdir(folder);
  for (const [name, bytes] of flightModel({ windowsFrom: "views", withOutcome: true }))
    await writeFile(join(folder, name), bytes);
  const client = { endpoint: cloud.endpoint, region: localRegion, credentials: { ...localCredentials } };
  await publishToState(state, { folder, by: "bench", why: "bench", client });
}

/** Give a stream that is on demand a number of shards of its own. */
async function resize(client: KinesisClient, StreamName: string, shardCount: number): Promise<void> {
  const describe = async () =>
    (await client.send(new DescribeStreamSummaryCommand({ StreamName }))).StreamDescriptionSummary!;
  let { OpenShardCount: open = 0, StreamARN } = await describe();
  if (open === shardCount) return;
  const StreamModeDetails = { StreamMode: "PROVISIONED" } as const;
  await client.send(new UpdateStreamModeCommand({ StreamARN, StreamModeDetails }));
  // One call at most halves or doubles them.
  while (open !== shardCount) {
    const TargetShardCount = Math.min(Math.max(shardCount, Math.ceil(open / 2)), open * 2);
    const ScalingType = "UNIFORM_SCALING";
    await client.send(new UpdateShardCountCommand({ StreamName, TargetShardCount, ScalingType }));
    while (open !== TargetShardCount) open = (await describe()).OpenShardCount ?? 0;
  }
}

interface Put {
  readonly eventCount: number;
  /** From the first put until every event was done and every prediction was there. */
  readonly seconds: number;
  readonly latenciesMs: readonly number[];
}

/** Put events, and wait until the function is done with all of them and every prediction is on the stream. */
async function putAndFollow(
  events: readonly OutgoingEvent[],
  on: {
    readonly cloud: Cloud;
    readonly client: KinesisClient;
    readonly state: ReturnType<typeof stateOutputs.parse>;
    readonly ratePerSecond: number | undefined;
  },
): Promise<Put> {
  const { cloud, client, state, ratePerSecond } = on;
  const sent = new Map<string, number>();
  const latenciesMs: number[] = [];
  let lastMs = 0;
  const done = () =>
    cloud.metrics.sum({
      namespace: "Headrace",
      metric: "Events",
      dimensions: { Stage: stage, Model: modelName },
    });
  const doneBefore = done();
  const follower = await followStream({
    ...{ client, pollIntervalMs, streamName: state.PredictionsStreamName },
    onRecord: ({ Data = new Uint8Array() }) => {
      const { eventId } = JSON.parse(Buffer.from(Data).toString()) as { eventId: string };
      const sentAtMs = sent.get(eventId);
      if (sentAtMs === undefined) return;
      sent.delete(eventId);
      lastMs = performance.now();
      latenciesMs.push(performance.timeOrigin + lastMs - sentAtMs);
    },
  });
  try {
    const startedMs = performance.now();
    await putEvents({
      ...{ client, events, ratePerSecond, streamName: state.EventsStreamName },
      onSend: (call, sentAtMs) => {
        for (const { id } of call) if (id !== "") sent.set(id, sentAtMs);
      },
    });
    let newsMs = performance.now();
    let seen = -1;
    while (done() - doneBefore < events.length || sent.size > 0) {
      const progress = done() - sent.size;
      if (progress !== seen) newsMs = performance.now();
      seen = progress;
      if (performance.now() - newsMs > quietMs)
        throw new Error(
          `on the wire: got ${done() - doneBefore} of ${events.length} events done, and ${sent.size} without a prediction`,
        );
      await sleep(10);
    }
    return { eventCount: events.length, seconds: (performance.now() - startedMs) / 1e3, latenciesMs };
  } finally {
    await follower.stop();
  }
}

/** Flights as npm start replays them; arrivals, which get no prediction, have no id. */
async function* outgoingEvents(): AsyncGenerator<OutgoingEvent> {
  const selection = { fromMs: Date.UTC(2001, 1, 1), limit: Number.POSITIVE_INFINITY };
  for await (const { event } of interleavedEvents(selection)) {
    const id = event.type === "departure" ? event.flight : "";
    yield { id, partitionKey: event.origin, data: Buffer.from(JSON.stringify(event)) };
  }
}

async function take<Item>(items: AsyncGenerator<Item>, count: number): Promise<Item[]> {
  const taken: Item[] = [];
  while (taken.length < count) {
    const { value, done } = await items.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}

function load(): string {
  return loadavg()[0]!.toFixed(1);
}

function exactly(ratio: number) {
  return { ratio, low: ratio, high: ratio };
}
