import { expect, it } from "vitest";
import { partitionCursor } from "../../../../scripts/local/lambda/partitioned-cursor.ts";
import { MemoryKinesis } from "./memory-kinesis.ts";

const never = new AbortController().signal;

it("gives every record to exactly one part, keys together and in order", () => {
  const kinesis = new MemoryKinesis();
  kinesis.addShard("s");
  for (let n = 0; n < 300; n += 1) kinesis.put("s", String(n), 0, `key-${n % 7}`);
  kinesis.closeShard("s");
  const parts = partitionCursor(kinesis.openCursor("", "s", { type: "TRIM_HORIZON" }), 3);
  const read = parts.map((part) => part.read(1_000));
  expect(read.every(({ ended }) => ended)).toBe(true);
  expect(read.flatMap(({ records }) => records)).toHaveLength(300);
  const keys = read.map(({ records }) => new Set(records.map(({ partitionKey }) => partitionKey)));
  expect(keys.reduce((sum, { size }) => sum + size, 0)).toBe(7);
  for (const { records } of read) {
    const numbers = records.map(({ data }) => Number(data));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  }
});

it("reads a bounded way ahead of a part that stands still, and lets the others wait for it", async () => {
  const kinesis = new MemoryKinesis();
  kinesis.addShard("s");
  // Which part a key belongs to is found out, not assumed.
  const parts = partitionCursor(kinesis.openCursor("", "s", { type: "TRIM_HORIZON" }), 2);
  const partOf = (key: string) => {
    kinesis.put("s", "probe", 0, key);
    return parts.findIndex((part) => part.read(1).records.length === 1);
  };
  const still = partOf("still");
  const other = Array.from({ length: 50 }, (_, n) => `other-${n}`).find((key) => partOf(key) !== still)!;
  for (let n = 0; n < 12_000; n += 1) kinesis.put("s", String(n), 0, "still");
  kinesis.put("s", "behind", 0, other);
  const [slow, quick] = [parts[still]!, parts[1 - still]!];
  expect(quick.read(10)).toEqual({ records: [], ended: false });
  let hasData = false;
  const waiting = quick.waitForData(never).then(() => {
    hasData = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(hasData).toBe(false);
  expect(slow.read(5_000).records).toHaveLength(5_000);
  await waiting;
  expect(quick.read(10).records.map(({ data }) => data.toString())).toEqual(["behind"]);
  expect(slow.read(20_000).records).toHaveLength(7_000);
});

it("stops waiting when told to, full or not", async () => {
  const kinesis = new MemoryKinesis();
  kinesis.addShard("s");
  const [first] = partitionCursor(kinesis.openCursor("", "s", { type: "TRIM_HORIZON" }), 2);
  const controller = new AbortController();
  const waiting = first!.waitForData(controller.signal);
  controller.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
});
