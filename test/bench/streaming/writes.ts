import { hash } from "node:crypto";
import { seededRandom } from "../../../scripts/onnx/random.ts";
import { kinesisEvent } from "../kinesis-event.ts";
import { quantile, ratioOf } from "../ratio.ts";
import { isNoisy, type Measured, type Result } from "../result.ts";
import { handlerVariant } from "../throughput/handler-variant.ts";
import { measureRounds, type Spent } from "../throughput/measure-rounds.ts";
import { rawVariant } from "../throughput/ort-variants.ts";
import { startCloudProcess } from "./cloud-process.ts";
import { dynamoPorts, noTraffic, type Traffic } from "./dynamo-ports.ts";
import { type CarryingEvent, carryingEvents, flightDeliveries } from "./flight-deliveries.ts";
import type { FlightModelOptions } from "./flight-model.ts";
import { flightWorkload, type StreamingOptions } from "./views.ts";

const deliveryRecords = 1_000;
const warmUpRounds = 4;
const without: FlightModelOptions = { windowsFrom: "event", withOutcome: false };
const whole: FlightModelOptions = { windowsFrom: "views", withOutcome: true };

/**
 * What views and outcomes cost once everything is written: both sides store their predictions in DynamoDB, one of them
 * also reads and writes tiles, clock, accuracy and outcomes there.
 */
export async function measureWrites({ rounds, retries, onProgress }: StreamingOptions): Promise<Measured> {
  const { endpoint, stop } = await startCloudProcess();
  const ports = (name: string) => dynamoPorts(name, endpoint, noTraffic());
  const variants = [
    await rawVariant("raw batched ORT", flightWorkload(without)),
    await handlerVariant("without views", flightWorkload(without), { ports: await ports("without") }),
    await handlerVariant("views, outcomes", flightWorkload(whole), { ports: await ports("whole") }),
    await handlerVariant("views, outcomes again", flightWorkload(whole), { ports: await ports("again") }),
  ];
  const deliveries = flightDeliveries(deliveryRecords);
  try {
    for (let attempt = 0; ; attempt++) {
      onProgress(`flights with views, written to DynamoDB: ${rounds * 2 ** attempt} rounds`);
      const { results, selfChecks } = summarise(
        await measureRounds({
          ...{ variants, deliveries, deliveriesPerRound: 1, tolerance: 1e-5 },
          rounds: rounds * 2 ** attempt,
          warmUpRounds: attempt === 0 ? warmUpRounds : 0,
          random: seededRandom(rounds),
        }),
      );
      if (attempt < retries && selfChecks.some(isNoisy)) continue;
      onProgress("flights with views: reads and writes");
      const counts = [...(await countTraffic(endpoint, 1)), ...(await countTraffic(endpoint, 4))];
      return { results: [...results, ...counts], selfChecks };
    }
  } finally {
    await deliveries.return(undefined);
    for (const variant of variants) await variant.release();
    await stop();
  }
}

function summarise([, without, whole, again]: readonly Spent[]): Measured {
  const cost = ({ cpu }: Spent) => ((quantile(cpu, 0.5) / deliveryRecords) * 1e3).toFixed(0);
  const wall = ratioOf(without!.wall, whole!.wall).ratio.toFixed(2);
  return {
    results: [
      {
        name: "flights, in DynamoDB: handler with views and outcomes, events/s ÷ without",
        ...ratioOf(without!.cpu, whole!.cpu),
        floor: null,
        better: "higher",
        detail: `${cost(whole!)} against ${cost(without!)} µs an event; by the wall clock ${wall}`,
      },
    ],
    selfChecks: [{ name: "flights, in DynamoDB", ...ratioOf(whole!.cpu, again!.cpu) }],
  };
}

const countedRounds = 3;
/** Half a day of flights: most keys have been seen by then, as at any later time. */
const eventsBeforeCounting = 16_000;

/** Reads and writes per thousand events, each shard in an environment of its own, all events by their origin. */
async function countTraffic(endpoint: string, shardCount: number): Promise<Result[]> {
  const traffic = noTraffic();
  const ports = await dynamoPorts(`shards-${shardCount}`, endpoint, traffic);
  const shards = await Promise.all(
    Array.from({ length: shardCount }, (_, i) =>
      handlerVariant(`shard ${i}`, flightWorkload(whole), { ports }),
    ),
  );
  const counted = deliveryRecords * shardCount * countedRounds;
  let sequenceNumber = 0;
  let batch: CarryingEvent[] = [];
  let round = -eventsBeforeCounting / (deliveryRecords * shardCount);
  for await (const each of carryingEvents()) {
    batch.push(each);
    if (batch.length < deliveryRecords * shardCount) continue;
    if (round === 0) Object.assign(traffic, noTraffic());
    const byShard = Map.groupBy(batch, ({ origin }) => shardOf(origin, shardCount));
    for (const [shard, own] of byShard) {
      const id = `shardId-${String(shard).padStart(12, "0")}`;
      const events = own.map(({ event }) => event);
      await shards[shard]!.run(kinesisEvent(events, sequenceNumber, id), new Float32Array());
      shards[shard]!.takeScores();
      sequenceNumber += events.length;
    }
    batch = [];
    if (++round === countedRounds) break;
  }
  for (const shard of shards) await shard.release();
  return resultsOf(traffic, counted, `${shardCount} ${shardCount === 1 ? "shard" : "shards"}`);
}

/** As Kinesis divides the MD5s of partition keys. */
function shardOf(partitionKey: string, shardCount: number): number {
  return Math.floor((hash("md5", partitionKey, "buffer").readUInt32BE(0) / 2 ** 32) * shardCount);
}

function resultsOf(traffic: Traffic, eventCount: number, where: string): Result[] {
  const per = (count: number) => (count / eventCount) * 1_000;
  const whole = (count: number) => per(count).toFixed(0);
  const result = (what: string, count: number, detail: string): Result => ({
    name: `flights, ${where}: ${what} per 1,000 events`,
    ...{ ratio: per(count), low: per(count), high: per(count) },
    ...{ floor: null, better: "lower", detail },
  });
  const { stateQueries, stateItemsRead, stateItemsWritten, readUnits, writeUnits } = traffic;
  const { predictionsPut, outcomesSought, outcomesWritten } = traffic;
  return [
    result(
      "read units of state",
      readUnits,
      `${whole(stateQueries)} reads of ${whole(stateItemsRead)} items; besides, ${whole(outcomesSought)} predictions are looked up`,
    ),
    result(
      "write units of state",
      writeUnits,
      `${whole(stateItemsWritten)} items; besides, ${whole(predictionsPut)} predictions and ${whole(outcomesWritten)} outcomes are written`,
    ),
  ];
}
