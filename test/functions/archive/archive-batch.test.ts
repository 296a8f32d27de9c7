import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { MemoryArchiveStore } from "../../../functions/adapters/memory/memory-archive-store.ts";
import { archiveKey } from "../../../functions/contract/archived-event.ts";
import { DependencyError } from "../../../functions/core/errors.ts";
import { createConcealer } from "../../../functions/core/private/concealer.ts";
import { aggregate } from "../../support/aggregate.ts";
import { linesOf, sequenceNumber, setUp, shard } from "./set-up.ts";

const keyOf = (hour: string, first: number, last: number) =>
  `archive/${hour}/${shard}-${sequenceNumber(first)}-${sequenceNumber(last)}.ndjson.gz`;

async function published(...paths: string[]) {
  const stage = setUp();
  await stage.publish("m", paths);
  return stage;
}

describe("the archive function", () => {
  it("keeps every event with its place, its arrival, its key and its bytes", async () => {
    const { deliver, archive, metrics } = await published();
    const bytes = Buffer.from([0x1f, 0x8b, 0xff]);
    expect(
      await deliver([
        { position: 1, data: '{ "a": 1.0 }' },
        { position: 4, data: bytes, at: "2026-01-02T03:59:59.999Z" },
        { position: 5, data: "", partitionKey: "Zürich \u2028" },
      ]),
    ).toBe(undefined);
    expect([...archive.objects.keys()]).toEqual([keyOf("2026/01/02/03", 1, 5)]);
    const place = (position: number) => ({ shard, sequenceNumber: sequenceNumber(position), subIndex: 0 });
    const at = "2026-01-02T03:04:05.678Z";
    expect(linesOf(archive.objects.get(keyOf("2026/01/02/03", 1, 5)))).toEqual([
      { ...place(1), arrivedAt: at, partitionKey: "key-1", data: '{ "a": 1.0 }' },
      {
        ...place(4),
        arrivedAt: "2026-01-02T03:59:59.999Z",
        partitionKey: "key-4",
        data: bytes.toString("base64"),
        encoding: "base64",
      },
      { ...place(5), arrivedAt: at, partitionKey: "Zürich \u2028", data: "" },
    ]);
    expect([metrics.sum("ArchivedEvents"), metrics.sum("WithheldEvents")]).toEqual([3, 0]);
    expect(metrics.sum("ArchivedBytes")).toBe([...archive.objects.values()][0]!.byteLength);
  });

  it("takes aggregated records apart, and keeps damaged ones whole", async () => {
    const { deliver, archive } = await published();
    const record = aggregate([
      { partitionKey: "one", data: Buffer.from("{1}") },
      { partitionKey: "two", data: Buffer.from("{2}") },
    ]);
    // The MD5 fits, and what it is of is no protobuf of an aggregated record.
    const message = Buffer.from([0x1a, 0xff]);
    const md5 = createHash("md5").update(message).digest();
    const damaged = Buffer.concat([record.subarray(0, 4), message, md5]);
    await deliver([
      { position: 1, data: record },
      { position: 2, data: damaged },
    ]);
    const lines = linesOf(archive.objects.get(keyOf("2026/01/02/03", 1, 2)));
    expect(lines.map((line) => [line.subIndex, line.partitionKey, "data" in line && line.data])).toEqual([
      [0, "one", "{1}"],
      [1, "two", "{2}"],
      [0, "key-2", damaged.toString("base64")],
    ]);
  });

  it("writes an object per hour of arrival, named by what it holds", async () => {
    const { deliver, archive } = await published();
    await deliver([
      { position: 1, data: "a", at: "2025-12-31T22:59:59.999Z" },
      { position: 2, data: "b", at: "2025-12-31T23:00:00.000Z" },
      { position: 3, data: "c", at: "2025-12-31T23:30:00.000Z" },
      { position: 4, data: "d", at: "2026-01-01T00:00:00.000Z" },
    ]);
    expect([...archive.objects.keys()]).toEqual([
      keyOf("2025/12/31/22", 1, 1),
      keyOf("2025/12/31/23", 2, 3),
      keyOf("2026/01/01/00", 4, 4),
    ]);
  });

  it("writes the same bytes to the same key when a batch is delivered again", async () => {
    const { deliver, archive } = await published("secret");
    const batch = Array.from({ length: 3000 }, (_, position) => ({
      position,
      data: JSON.stringify({ position, secret: position, text: "x".repeat(position % 97) }),
    }));
    await deliver(batch);
    const before = new Map(archive.objects);
    await deliver(batch);
    expect(archive.objects).toEqual(before);
  });

  it("removes what is private, and tells of what cannot be parsed its length, hash and reason", async () => {
    const { deliver, archive, metrics, logger } = await published("user");
    await deliver([
      { position: 1, data: '{"user":"ada","rest":1}', partitionKey: "ada" },
      { position: 2, data: gzipSync('{"user":"ada","rest":2}'), partitionKey: "other" },
      { position: 3, data: "user ada", partitionKey: "ada" },
    ]);
    const conceal = createConcealer(new Uint8Array(32).fill(1));
    const lines = linesOf(archive.objects.get(keyOf("2026/01/02/03", 1, 3)));
    expect(lines.map(({ shard: _, sequenceNumber: __, arrivedAt: ___, ...rest }) => rest)).toEqual([
      { subIndex: 0, partitionKey: conceal("ada"), data: '{"rest":1}' },
      { subIndex: 0, partitionKey: "other", data: '{"rest":2}' },
      {
        subIndex: 0,
        partitionKey: conceal("ada"),
        withheld: {
          lengthBytes: 8,
          sha256: createHash("sha256").update("user ada").digest("hex"),
          reason: expect.stringMatching(/not JSON/),
        },
      },
    ]);
    expect(metrics.sum("WithheldEvents")).toBe(1);
    expect(JSON.stringify(logger)).not.toContain("ada");
  });

  it("waits while what is private to a model is not known, and says whose", async () => {
    const stage = setUp(["one", "two", "three"]);
    await stage.publish("two");
    expect(await stage.deliver([{ position: 7, data: "a" }])).toBe(7);
    expect(stage.archive.objects.size).toBe(0);
    expect(stage.metrics.sum("ArchiveRetried")).toBe(1);
    expect(stage.logger.lines).toMatchObject([
      {
        level: "warn",
        fields: { error: { message: expect.stringMatching(/^archive: no champion yet of one, three,/) } },
      },
    ]);
    await stage.publish("one");
    await stage.publish("three");
    stage.wait();
    expect(await stage.deliver([{ position: 7, data: "a" }])).toBe(undefined);
  });

  it("has the rest delivered again from the first record that is in no object", async () => {
    const store = new MemoryArchiveStore();
    const failing = {
      write: async (...[range, lines]: Parameters<MemoryArchiveStore["write"]>) => {
        if (archiveKey(range).includes("/04/"))
          throw new DependencyError("s3 is down", { code: "dependency.timeout" });
        await store.write(range, lines);
      },
    };
    const { deliver, publish, metrics, logger } = setUp(["m"], { archive: failing });
    await publish("m");
    const batch = [
      { position: 1, data: "a", at: "2026-01-02T03:00:00Z" },
      { position: 2, data: "b", at: "2026-01-02T03:00:00Z" },
      { position: 3, data: "c", at: "2026-01-02T04:00:00Z" },
      { position: 4, data: "d", at: "2026-01-02T05:00:00Z" },
    ];
    expect(await deliver(batch)).toBe(3);
    expect([...store.objects.keys()]).toEqual([keyOf("2026/01/02/03", 1, 2)]);
    expect(["ArchivedEvents", "ArchiveRetried", "DependencyErrors"].map((name) => metrics.sum(name))).toEqual(
      [2, 2, 1],
    );
    expect(logger.lines).toMatchObject([{ level: "error", fields: { error: { message: "s3 is down" } } }]);
  });

  it("writes nothing for aggregated records that hold nothing", async () => {
    const { deliver, archive } = await published();
    const empty = Buffer.concat([
      Buffer.from([0xf3, 0x89, 0x9a, 0xc2]),
      createHash("md5").update("").digest(),
    ]);
    expect(await deliver([{ position: 1, data: empty }])).toBe(undefined);
    expect(archive.objects.size).toBe(0);
  });

  it("keeps sixty thousand events of one record in less than a megabyte", async () => {
    const { deliver, archive } = await published();
    const small = Array.from({ length: 60_000 }, () => ({ partitionKey: "k", data: Buffer.from("{}") }));
    await deliver([{ position: 1, data: aggregate(small) }]);
    const [object] = archive.objects.values();
    expect(linesOf(object)).toHaveLength(60_000);
    expect(object!.byteLength).toBeLessThan(2 ** 20);
  });
});
