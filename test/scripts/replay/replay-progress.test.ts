import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { OutgoingEvent } from "../../../scripts/replay/put-events.ts";
import { openReplayProgress, type ReplayProgressOptions } from "../../../scripts/replay/replay-progress.ts";

const selection = { fromMs: 0, limit: 10 };

async function folderOf(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "headrace-progress-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function at(...positions: readonly number[]): OutgoingEvent[] {
  return positions.map((position) => ({
    id: String(position),
    partitionKey: "k",
    data: new Uint8Array(),
    position,
  }));
}

/** Put events, close, and say where a replay that goes on would begin. */
async function afterwards(folder: string, more: Partial<ReplayProgressOptions> = {}): Promise<number> {
  const next = await openReplayProgress({
    name: "dev events",
    selection,
    total: 100,
    resume: true,
    folder,
    ...more,
  });
  await next.close();
  return next.doneCount;
}

async function putIn(
  folder: string,
  calls: readonly (readonly number[])[],
  more: Partial<ReplayProgressOptions> = {},
) {
  const progress = await openReplayProgress({
    name: "dev events",
    selection,
    total: 100,
    resume: false,
    folder,
    ...more,
  });
  for (const call of calls) progress.put(at(...call));
  await progress.close();
}

describe("openReplayProgress", () => {
  it("goes on behind what the stream has taken without a gap, so that no event is left out", async () => {
    const folder = await folderOf();

    await putIn(folder, [
      [0, 1, 2],
      [6, 7],
      [3, 4],
    ]);

    expect(await afterwards(folder)).toBe(5);
  });

  it("counts on from there, and from there again", async () => {
    const folder = await folderOf();
    await putIn(folder, [[0, 1]]);

    await putIn(folder, [[0, 1, 2]], { resume: true });

    expect(await afterwards(folder)).toBe(5);
  });

  it("begins anew where it is not asked to go on, and is at the start before anything is in", async () => {
    const folder = await folderOf();
    await putIn(folder, [[0, 1, 2]]);

    const anew = await openReplayProgress({
      name: "dev events",
      selection,
      total: 100,
      resume: false,
      folder,
    });
    await anew.close();

    expect(anew.doneCount).toBe(0);
  });

  it("refuses to go on with other flights, onto another stream, or where nothing was interrupted", async () => {
    const folder = await folderOf();
    await expect(afterwards(folder)).rejects.toThrow(/^--resume: no replay onto this stream was interrupted/);
    await putIn(folder, [[0, 1, 2]]);

    await expect(afterwards(folder, { selection: { fromMs: 1, limit: 10 } })).rejects.toThrow(
      /^--resume: the last replay was of \{"fromMs":0,"limit":10\}, this one is of \{"fromMs":1,"limit":10\}/,
    );
    await expect(afterwards(folder, { name: "dev other" })).rejects.toThrow(/no replay onto this stream/);
  });

  it("says that what is kept is damaged, and keeps it no longer", async () => {
    const folder = await folderOf();
    await putIn(folder, [[0]]);
    const [name] = await readdir(folder);
    await writeFile(join(folder, name!), '{"doneCount":-1}');

    await expect(afterwards(folder)).rejects.toThrow(
      /^--resume: what was kept of the last replay is damaged/,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it("writes one small file, whole", async () => {
    const folder = await folderOf();
    await putIn(folder, [[0, 1]]);

    const names = await readdir(folder);
    expect(names).toHaveLength(1);
    expect(JSON.parse(await readFile(join(folder, names[0]!), "utf8"))).toEqual({
      selection: JSON.stringify(selection),
      doneCount: 2,
    });
  });

  it("leaves nothing behind once every event is in", async () => {
    const folder = await folderOf();
    await putIn(folder, [[0, 1]], { total: 3 });
    expect(await readdir(folder)).toHaveLength(1);

    await putIn(folder, [[0, 1, 2]], { total: 3 });
    expect(await readdir(folder)).toEqual([]);
  });
});
