import { gzipSync } from "node:zlib";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "vitest";
import { concealerKeyName } from "../../functions/contract/concealer-key.ts";
import { example } from "../../functions/contract/example.ts";
import { type Conceal, createConcealer } from "../../functions/core/private/concealer.ts";
import { tableModel } from "../../scripts/onnx/example-models.ts";
import { aggregate } from "../support/aggregate.ts";
import { bytesOf, type EventToPut, putAll } from "./support/events.ts";
import { call } from "./support/http-call.ts";
import { everythingStored, leaksOf, type Written } from "./support/leaks.ts";
import { readLines } from "./support/objects.ts";
import { packageFiles } from "./support/package-folder.ts";
import { publish } from "./support/publish.ts";
import { readParked, readRejects } from "./support/rejects.ts";
import type { Stage } from "./support/stage.ts";
import { storedPredictions } from "./support/stored-predictions.ts";
import { openStream } from "./support/stream-records.ts";
import { itNeeding, openStage } from "./support/target.ts";
import { untilIdle, waitUntil } from "./support/wait-until.ts";

const model = "discreet";
/** Every private text begins with the first, which JSON has to escape, every private number with the second. */
const secrets = ['ge"heim', "4917770000"] as const;
const [secret, secretDigits] = secrets;
/** Stands where nothing is private. */
const open = 'o"ffenkundig';
const table = [0.125, 0.25, 0.5, 0.75];
const at = "2001-01-31T06:44:00Z";

const declaration = {
  name: model,
  event: { id: "booking", time: "at", entity: "customer.phone" },
  predictOn: { type: "booking" },
  features: {
    place: { from: "place" },
    calls: { view: "calls", key: "customer.phone", agg: "count", over: "1h" },
  },
  views: { calls: { on: { type: "call" }, key: "phone", time: "at", tile: "5m" } },
  outputs: { score: { from: "score" } },
  // Where the outcome has the id is not declared: it is private since the event's id is.
  outcome: { on: { type: "paid" }, id: "about", time: "at", label: { from: "amount" }, within: "48h" },
  private: ["booking", "customer", "phone", "cards.number"],
};

const phones = Array.from({ length: 5 }, (_, i) => `${secret}-phone-${i}`);
const bookings = Array.from({ length: 40 }, (_, i) => booking(i));
const overHttps = Array.from({ length: 5 }, (_, i) => booking(100 + i));

itNeeding("ownModels", "metrics")(
  "what is private is nowhere stored and in no log, whatever is wrong with events, while ids and keys still meet",
  async () => {
    const logged: Written[] = [];
    const onLog = (text: string) => void logged.push({ where: "log", text });
    await using stage = await openStage({ models: { [model]: {} }, onLog });
    const events = await openStream(stage.kinesis, stage.outputs.EventsStreamName);
    await using folder = await packageFiles([
      ["model.json", bytesOf(declaration)],
      ["model.onnx", tableModel({ table })],
    ]);
    await publish(stage, folder.path);
    const conceal = createConcealer(await concealerKey(stage));

    await putAll(stage, [
      ...calls(),
      ...bookings.map((data) => ({ data, partitionKey: data.customer.phone })),
    ]);
    await untilStored(stage, bookings.length);
    await putAll(stage, [...badEvents, ...passedOver, ...bookings.slice(0, 20).map(paid)]);
    await expectAnswers(stage);
    await postOutcomes(
      stage,
      bookings.slice(20, 30).map(({ booking }) => booking),
    );
    await untilIdle(stage);

    await expectMet(stage, conceal);
    const rejects = await readRejects(stage, model);
    expect(new Set(rejects.map(({ place }) => JSON.stringify(place))).size).toBe(badEvents.length);
    expect(await readParked(stage)).toEqual([]);
    const given = (await events.read()).map(written);
    const emitted = (await stage.predictions.read()).map(written);
    const stored = await everythingStored(stage);
    for (const each of secrets) {
      expect(leaksOf(each, given).length).toBeGreaterThan(50);
      expect(leaksOf(each, [...stored, ...emitted, ...logged]).slice(0, 5)).toEqual([]);
    }
    // What is looked through is there.
    for (const prefix of ["archive/", `rejects/${model}/`]) {
      const under = stored.filter(({ where }) => where.includes(`/${prefix}`));
      expect(leaksOf(open, under).length, prefix).toBeGreaterThan(0);
    }
    expect([logged.length, emitted.length].every((count) => count > 10)).toBe(true);
  },
);

/** Every third booking has a number for its id. */
function booking(i: number) {
  return {
    type: "booking",
    booking: i % 3 === 0 ? Number(`${secretDigits}${i}`) : `${secret}-booking-${i}`,
    at,
    place: i % table.length,
    customer: { name: `${secret} Ünal\n${i}`, phone: phones[i % phones.length]! },
    cards: [{ number: Number(`${secretDigits}${1_000 + i}`), bank: open }],
  };
}

/** The customer of the i-th phone has called i + 1 times, before booking anything. */
function calls(): EventToPut[] {
  return phones.flatMap((phone, i) =>
    Array.from({ length: i + 1 }, () => ({
      data: { type: "call", phone, at, note: open },
      partitionKey: phone,
    })),
  );
}

function paid({ booking: about }: { booking: string | number }): EventToPut {
  return { data: { type: "paid", about, at, amount: 12.5, note: open }, partitionKey: String(about) };
}

/** What no model takes anything from, and the archive keeps. */
const passedOver: readonly EventToPut[] = [
  {
    data: { type: "other", customer: { name: `${secret} other` }, note: open },
    partitionKey: `${secret} other`,
  },
  { data: { type: "other", cards: [[{ number: `${secretDigits}1` }]] }, partitionKey: `${secretDigits}1` },
];

/** Events, each with one thing wrong; their partition keys are private values of theirs. */
const badEvents: readonly EventToPut[] = [
  bad({ place: 99 }),
  bad({ place: "far", note: open }),
  bad({ at: undefined }),
  bad({ at: "2099-01-01T00:00:00Z" }),
  bad({ booking: [`${secret}-listed`] }),
  bad({ booking: `${secret}${"-".repeat(300)}` }),
  bad({ booking: undefined }),
  bad({ customer: { phone: { home: `${secret}-at-home` } } }, unchanged, `${secret}-at-home`),
  bad({ customer: { phone: `${secret}${"0".repeat(600)}` } }, unchanged, `${secretDigits}2000`),
  bad({ type: "call", phone: [`${secret}-called`] }),
  bad({ type: "paid", about: { booking: `${secret}-about` }, amount: 1 }),
  bad({ type: "paid", about: `${secret}-about`, amount: "much" }),
  bad({ $outcome: { model, id: `${secret}-native`, label: "much" } }),
  bad({ $outcome: { model, id: { is: `${secret}-native` }, label: 1 } }),
  bad({ place: 98 }, gzipSync),
  bad({}, (bytes) => bytes.subarray(0, -20)),
  bad({}, (bytes) => Buffer.from(`${bytes}]`)),
  bad({}, (bytes) => Buffer.from(`[${bytes}]`)),
  bad({}, (bytes) => Buffer.concat([bytes.subarray(0, -1), Buffer.from([0xff])])),
  bad({}, (bytes) => gzipSync(bytes).subarray(0, -9)),
  bad({}, () => Buffer.from(JSON.stringify(`${secret} alone`))),
  bad({}, (bytes) => Buffer.from(`${"[".repeat(50_000)}${bytes}${"]".repeat(50_000)}`)),
  bad({ customer: { phone: phones[0], name: `${secret} ${"x".repeat(300_000)}` } }),
  // Of a key that stands twice, what is parsed has the last value.
  bad({ place: 97 }, (bytes) =>
    Buffer.from(`{"customer":{"name":${JSON.stringify(`${secret} twice`)}},${bytes.subarray(1)}`),
  ),
  // An aggregated record whose checksum is wrong is an event that cannot be parsed, and its keys stand in it.
  bad({}, (data) => damaged(aggregate([{ partitionKey: `${secret}-aggregated`, data }]))),
  // Of these two the first is taken.
  bad({ place: 96 }, (data) =>
    aggregate([
      { partitionKey: phones[2]!, data: bytesOf({ type: "call", phone: phones[2], at }) as Buffer },
      { partitionKey: phones[0]!, data },
    ]),
  ),
];

function bad(
  changes: object,
  change: (bytes: Buffer) => Uint8Array = unchanged,
  partitionKey = phones[0]!,
): EventToPut {
  const event = { ...booking(1_000), ...changes, note: open };
  return { data: change(Buffer.from(JSON.stringify(event))), partitionKey };
}

function unchanged(bytes: Buffer): Buffer {
  return bytes;
}

function damaged(bytes: Buffer): Buffer {
  bytes[bytes.length - 1]! ^= 1;
  return bytes;
}

async function concealerKey(stage: Stage): Promise<Uint8Array> {
  const place = { Bucket: stage.outputs.ModelsBucketName, Key: concealerKeyName(model) };
  const { Body } = await stage.s3.send(new GetObjectCommand(place));
  return await Body!.transformToByteArray();
}

async function untilStored(stage: Stage, count: number): Promise<void> {
  await waitUntil(stage, async () => {
    const { length } = await storedPredictions(stage);
    return length >= count ? undefined : `${count - length} of ${count} stored predictions`;
  });
}

/** Good and bad events over HTTPS; the answer is the caller's, who knows. */
async function expectAnswers(stage: Stage): Promise<void> {
  const wrong = { ...booking(200), booking: { is: `${secret}-https` } };
  const body = { events: [...overHttps, wrong, { ...booking(201), place: 99 }] };
  const { status, body: answer } = await call(stage, `/models/${model}/predict`, { body });
  const { predictions } = answer as { predictions: { error?: object }[] };
  expect([status, predictions.map(({ error }) => error !== undefined)]).toEqual([
    200,
    [...overHttps.map(() => false), true, true],
  ]);
}

async function postOutcomes(stage: Stage, ids: readonly (string | number)[]): Promise<void> {
  const outcomes = ids.map((id) => ({ id, label: 3.5, time: at }));
  const { status } = await call(stage, `/models/${model}/outcomes`, { body: { outcomes } });
  expect(status).toBe(202);
}

/** Every outcome is at its prediction, and every prediction has seen the calls of its customer. */
async function expectMet(stage: Stage, conceal: Conceal): Promise<void> {
  const stored = new Map((await storedPredictions(stage)).map((row) => [row.prediction.eventId, row]));
  const idOf = (event: { booking: string | number }) => conceal(String(event.booking));
  expect([...stored.keys()].toSorted()).toEqual([...bookings, ...overHttps].map(idOf).toSorted());
  for (const each of bookings) {
    const { item } = stored.get(idOf(each))!;
    const phone = phones.indexOf(each.customer.phone);
    expect([...new Float32Array(item.features!.B!.slice().buffer)]).toEqual([each.place, phone + 1]);
  }
  const joined = [...stored].flatMap(([id, { item }]) => (item.outcome === undefined ? [] : [id]));
  const due = bookings.slice(0, 30).map(idOf).toSorted();
  expect(joined.toSorted()).toEqual(due);
  const examples = (await readLines(stage, `examples/${model}/`)).map((line) =>
    example.parse(JSON.parse(line)),
  );
  expect([...new Set(examples.map(({ eventId }) => eventId))].toSorted()).toEqual(due);
}

function written({
  Data,
  PartitionKey,
}: {
  readonly Data?: Uint8Array | undefined;
  readonly PartitionKey?: string | undefined;
}): Written {
  return { where: "stream", text: `${PartitionKey} ${Buffer.from(Data!)}` };
}
