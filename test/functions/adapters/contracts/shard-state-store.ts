import { describe, expect, it } from "vitest";
import { type Mark, markOf } from "../../../../functions/core/state/mark.ts";
import type {
  ShardStateStore,
  StateItem,
  StateWrite,
} from "../../../../functions/core/state/shard-state-store.ts";

export interface ShardStateStoreUnderTest {
  readonly store: ShardStateStore;
  /** When the item may be forgotten, epoch seconds. */
  expiresAt(partitionKey: string, sortKey: string): Promise<number | undefined>;
}

/** What every `ShardStateStore` does. @param make - an empty one, for one test. */
export function describeShardStateStore(name: string, make: () => Promise<ShardStateStoreUnderTest>): void {
  describe(`${name} as a shard state store`, () => {
    it("reads nothing where nothing was written, and takes no ranges and no writes", async () => {
      const { store } = await make();
      expect(await store.read([])).toEqual([]);
      expect(await store.write([])).toEqual([]);
      expect(await store.read([range("a", "z"), range("a", "a")])).toEqual([[], []]);
    });

    it("gives back a part as it was written", async () => {
      const { store, expiresAt } = await make();
      const body = Uint8Array.from({ length: 256 }, (_, i) => i);
      expect(await store.write([stateWrite({ body, expiresAt: 1_900_000_000 })])).toEqual([]);
      expect(await store.read([range("k", "k")])).toEqual([[item("k", { a: [mark(1), body] })]]);
      expect(await expiresAt("p", "k")).toBe(1_900_000_000);
    });

    it("replaces a part whose mark is the one that was read, and its expiry", async () => {
      const { store, expiresAt } = await make();
      await store.write([stateWrite({})]);
      const next = stateWrite({ expected: mark(1), mark: mark(2), body: bytes(2), expiresAt: 1_900_000_009 });
      expect(await store.write([next])).toEqual([]);
      expect(await store.read([range("k", "k")])).toEqual([[item("k", { a: [mark(2), bytes(2)] })]]);
      expect(await expiresAt("p", "k")).toBe(1_900_000_009);
    });

    it.each([
      ["another mark stands than was read", mark(5), [mark(4)]],
      ["a part stands where none was read", undefined, [mark(4)]],
      ["no part stands where one was read", mark(4), []],
    ])("refuses a write when %s, and leaves the item as it was", async (_title, expected, standing) => {
      const { store, expiresAt } = await make();
      await store.write(standing.map((each) => stateWrite({ mark: each, expiresAt: 7 })));
      const before = await store.read([range("k", "k")]);
      const refused = stateWrite({ expected, mark: mark(6), body: bytes(9), expiresAt: 8 });
      expect(await store.write([refused])).toEqual([{ index: 0, reason: "conflict" }]);
      expect(await store.read([range("k", "k")])).toEqual(before);
      expect(await expiresAt("p", "k")).toBe(standing.length === 0 ? undefined : 7);
    });

    it("takes a write for done whose own mark stands", async () => {
      const { store } = await make();
      await store.write([stateWrite({}), stateWrite({ sortKey: "k2", mark: mark(3) })]);
      const again = [
        stateWrite({}),
        stateWrite({ sortKey: "k2", expected: mark(2), mark: mark(3) }),
        stateWrite({ sortKey: "k2", expected: mark(2), mark: mark(4) }),
      ];
      expect(await store.write(again)).toEqual([{ index: 2, reason: "conflict" }]);
    });

    it("keeps the parts of several shards in one item, each behind its own mark", async () => {
      const { store } = await make();
      await store.write([stateWrite({}), stateWrite({ sortKey: "k2" })]);
      expect(await store.write([stateWrite({ shard: "b", mark: mark(9), body: bytes(9) })])).toEqual([]);
      expect(await store.write([stateWrite({ shard: "b", mark: mark(10) })])).toEqual([
        { index: 0, reason: "conflict" },
      ]);
      await store.write([stateWrite({ expected: mark(1), mark: mark(2), body: bytes(2) })]);
      expect(await store.read([range("k", "k")])).toEqual([
        [item("k", { a: [mark(2), bytes(2)], b: [mark(9), bytes(9)] })],
      ]);
    });

    it("lets all shards through that write to one item at once", async () => {
      const { store } = await make();
      const shards = Array.from({ length: 16 }, (_, i) => `shardId-${String(i).padStart(12, "0")}`);
      expect(await store.write(shards.map((shard, i) => stateWrite({ shard, mark: mark(i) })))).toEqual([]);
      const [items] = await store.read([range("k", "k")]);
      expect([...items![0]!.parts.keys()].sort()).toEqual(shards);
    });

    it("lets one of several writers of a shard through that have read the same", async () => {
      const { store } = await make();
      await store.write([stateWrite({})]);
      const writers = [2, 3, 4, 5].map((i) =>
        stateWrite({ expected: mark(1), mark: mark(i), body: bytes(i) }),
      );
      const failed = await Promise.all(writers.map((each) => store.write([each])));
      const winner = failed.findIndex((each) => each.length === 0);
      expect(failed.filter((each) => each.length === 0)).toHaveLength(1);
      expect((await store.read([range("k", "k")]))[0]![0]!.parts.get("a")!.body).toEqual(bytes(winner + 2));
    });

    it("makes the other writes where some are refused", async () => {
      const { store } = await make();
      await store.write([2, 5].map((i) => stateWrite({ sortKey: String(i), mark: mark(0) })));
      const writes = Array.from({ length: 8 }, (_, i) => stateWrite({ sortKey: String(i) }));
      expect(await store.write(writes)).toEqual([
        { index: 2, reason: "conflict" },
        { index: 5, reason: "conflict" },
      ]);
      expect((await store.read([range("0", "7")]))[0]).toHaveLength(8);
    });

    it("reads ranges with both their ends, in the order of the bytes of the sort keys", async () => {
      const { store } = await make();
      const sortKeys = ["000000000005", "-00000000001", "000000000010", "\uffff", "😀", "é"];
      await store.write(sortKeys.map((sortKey) => stateWrite({ sortKey })));
      await store.write([stateWrite({ partitionKey: "p2" })]);
      const found = await store.read([
        range("-", "😀"),
        range("000000000005", "000000000010"),
        range("000000000006", "000000000009"),
        range("000000000005", "000000000005"),
        range("000000000010", "000000000005"),
        { partitionKey: "p2", from: " ", to: "z" },
      ]);
      expect(found.map((items) => items.map(({ sortKey }) => sortKey))).toEqual([
        ["-00000000001", "000000000005", "000000000010", "é", "\uffff", "😀"],
        ["000000000005", "000000000010"],
        [],
        ["000000000005"],
        [],
        ["k"],
      ]);
    });

    it("reads more than one page of DynamoDB's holds", async () => {
      const { store } = await make();
      const sortKeys = Array.from({ length: 12 }, (_, i) => String(100 + i));
      const body = new Uint8Array(200_000).fill(7);
      expect(await store.write(sortKeys.map((sortKey) => stateWrite({ sortKey, body })))).toEqual([]);
      const [items] = await store.read([range("100", "111")]);
      expect(items!.map(({ sortKey }) => sortKey)).toEqual(sortKeys);
    });

    it("does not share its bytes with writers or readers", async () => {
      const { store } = await make();
      const body = bytes(1);
      await store.write([stateWrite({ body })]);
      body.fill(9);
      const [items] = await store.read([range("k", "k")]);
      items![0]!.parts.get("a")!.body.fill(8);
      expect(await store.read([range("k", "k")])).toEqual([[item("k", { a: [mark(1), bytes(1)] })]]);
    });
  });
}

export const mark = (sequence: number): Mark => markOf(String(sequence), 0);
export const bytes = (value: number): Uint8Array => Uint8Array.of(value, 0, 255);
export const range = (from: string, to: string) => ({ partitionKey: "p", from, to });

/** A write of shard `a` to item `k` of partition `p`, which has no part yet, unless it is said otherwise. */
export function stateWrite({
  mark: written = mark(1),
  body = bytes(1),
  ...rest
}: Partial<StateWrite> & { readonly mark?: Mark; readonly body?: Uint8Array }): StateWrite {
  return {
    partitionKey: "p",
    sortKey: "k",
    shard: "a",
    expected: undefined,
    part: { mark: written, body },
    expiresAt: 1_800_000_000,
    ...rest,
  };
}

function item(sortKey: string, parts: Record<string, readonly [Mark, Uint8Array]>): StateItem {
  const entries = Object.entries(parts).map(([shard, [at, body]]) => [shard, { mark: at, body }] as const);
  return { sortKey, parts: new Map(entries) };
}
