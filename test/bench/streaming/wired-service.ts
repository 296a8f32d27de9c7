import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  DescribeStreamSummaryCommand,
  type KinesisClient,
  UpdateShardCountCommand,
  UpdateStreamModeCommand,
} from "@aws-sdk/client-kinesis";
import { kinesisClient } from "../../../functions/adapters/aws/clients.ts";
import type { ModelDigest } from "../../../functions/contract/ids.ts";
import { type StateOutputs, stackName, stateOutputs } from "../../../functions/contract/stack-outputs.ts";
import { moveAlias } from "../../../functions/core/rollout/move-alias.ts";
import type { Move } from "../../../functions/core/rollout/moves.ts";
import { interleavedEvents } from "../../../scripts/flights/interleaved-events.ts";
import { type Cloud, startCloud } from "../../../scripts/local/cloud.ts";
import { localCredentials } from "../../../scripts/local/local-clients.ts";
import { localRegion } from "../../../scripts/local/service.ts";
import { publishToState } from "../../../scripts/publish/publish-to-stage.ts";
import { followStream } from "../../../scripts/replay/follow-stream.ts";
import { type OutgoingEvent, putEvents } from "../../../scripts/replay/put-events.ts";
import { openState } from "../../../scripts/rollout/open-stage.ts";
import { synthesise } from "../../../scripts/start/synthesise.ts";
import { flightModel, modelName } from "./flight-model.ts";

const stage = "dev";
const quietMs = 30_000;
/** As npm start reads its predictions. */
const pollIntervalMs = 20;

/** The whole service on the wire, as npm start deploys it, with the flights' model published, and its stream on so many shards. */
export async function startService(shardCount: number) {
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
    const address = { endpoint: cloud.endpoint, region: localRegion, credentials };
    await publishFlights(address, { folder: join(folder, "package"), state, seed: 17 });
    const stream = state.EventsStreamName;
    await resize(client, stream, shardCount);
    return {
      put: (events: readonly OutgoingEvent[], ratePerSecond?: number) =>
        putAndFollow(events, { cloud, client, state, ratePerSecond }).catch((cause: unknown) => {
          throw new Error(`on the wire: ${lines.slice(-5).join("\n")}`, { cause });
        }),
      /** Publish another version, with weights of its own. @returns its digest */
      publishAnother: () => publishFlights(address, { folder: join(folder, "another"), state, seed: 18 }),
      move: async (move: Move) => {
        const { ledger, close } = openState(state, address);
        try {
          await moveAlias({
            ...{ ledger, move, model: modelName, by: "bench", why: "bench" },
            now: Date.now,
          });
        } finally {
          close();
        }
      },
      /** A sum of one of the model's metrics so far. */
      sum: (metric: string) =>
        cloud.metrics.sum({ namespace: "Headrace", metric, dimensions: { Stage: stage, Model: modelName } }),
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

/** @returns the version's digest. */
async function publishFlights(
  client: Parameters<typeof openState>[1],
  { folder, state, seed }: { readonly folder: string; readonly state: StateOutputs; readonly seed: number },
): Promise<ModelDigest> {
  await mkdir(folder);
  for (const [name, bytes] of flightModel({ windowsFrom: "views", withOutcome: true, seed }))
    await writeFile(join(folder, name), bytes);
  const { plan } = await publishToState(state, { folder, by: "bench", why: "bench", client: client! });
  return plan.digest;
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
    readonly state: StateOutputs;
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
export async function* outgoingEvents(): AsyncGenerator<OutgoingEvent> {
  const selection = { fromMs: Date.UTC(2001, 1, 1), limit: Number.POSITIVE_INFINITY };
  for await (const { event } of interleavedEvents(selection)) {
    const id = event.type === "departure" ? event.flight : "";
    yield { id, partitionKey: event.origin, data: Buffer.from(JSON.stringify(event)) };
  }
}

/** The next items, fewer where there are no more. */
export async function take<Item>(items: AsyncGenerator<Item>, count: number): Promise<Item[]> {
  const taken: Item[] = [];
  while (taken.length < count) {
    const { value, done } = await items.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}
