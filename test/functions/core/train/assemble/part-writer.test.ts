import { expect, it } from "vitest";
import { MemoryObjectStore } from "../../../../../functions/adapters/memory/memory-object-store.ts";
import { createPartWriter } from "../../../../../functions/core/train/assemble/part-writer.ts";
import { readRows } from "../../../../../functions/core/train/training-rows.ts";

/** Of which a part of 16 MiB has four. */
const width = 2 ** 20;

it("writes rows in parts of at most 16 MiB, which are read back one by one as they were revised", async () => {
  const store = new MemoryObjectStore();
  const revised: number[] = [];
  const writer = createPartWriter({
    ...{ store, prefix: "p/", width },
    async revise(rows) {
      revised.push(rows.length / width);
      for (let at = 0; at < rows.length; at += width) rows[at + width - 2]! += 100;
    },
  });
  const row = new Float32Array(width);
  for (let i = 0; i < 10; i++) {
    row.fill(i);
    await writer.add(row, 1000 - i);
  }
  const slice = await writer.finish();
  expect(slice).toMatchObject({
    ...{ rows: 10, from: "1970-01-01T00:00:00.991Z", to: "1970-01-01T00:00:01.000Z" },
    parts: [
      { key: "p/0.f32", rows: 4 },
      { key: "p/1.f32", rows: 4 },
      { key: "p/2.f32", rows: 2 },
    ],
  });
  expect(revised).toEqual([4, 4, 2]);
  expect([...store.objects.values()].map(({ byteLength }) => byteLength / 2 ** 20)).toEqual([16, 16, 8]);
  const firsts: number[] = [];
  const labels: number[] = [];
  for await (const part of readRows(store, slice, width))
    for (let at = 0; at < part.length; at += width) {
      firsts.push(part[at]!);
      labels.push(part[at + width - 2]!);
    }
  expect(firsts).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(labels).toEqual([100, 101, 102, 103, 104, 105, 106, 107, 108, 109]);
});

it("says of a part that is gone or damaged that it must be assembled again", async () => {
  const store = new MemoryObjectStore();
  const writer = createPartWriter({ store, prefix: "p/", width: 3 });
  await writer.add(Float32Array.of(1, 2, 3), 0);
  const slice = await writer.finish();
  const read = async () => {
    for await (const _ of readRows(store, slice, 3));
  };
  await read();
  store.objects.get("p/0.f32")![0]! ^= 1;
  await expect(read()).rejects.toMatchObject({
    code: "model.package",
    message: expect.stringContaining("p/0.f32"),
  });
  store.objects.delete("p/0.f32");
  await expect(read()).rejects.toMatchObject({
    code: "model.package",
    message: expect.stringContaining("gone"),
  });
});
