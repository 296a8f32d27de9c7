import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod/mini";
import { UsageError } from "../cli/usage-error.ts";
import type { OutgoingEvent } from "./put-events.ts";

/** How far a replay is, kept in a file so that an interrupted one can go on. */
export interface ReplayProgress {
  /** Events of the selection, from the first on, that the stream had taken before. */
  readonly doneCount: number;
  /** Note events that the stream has taken; in any order. */
  readonly put: (events: readonly OutgoingEvent[]) => void;
  /** Write how far it is; nothing is left once every event is in. */
  close(): Promise<void>;
}

export interface ReplayProgressOptions {
  /** What is replayed onto: progress elsewhere is another's. */
  readonly name: string;
  /** What is replayed: progress of other events is none of these. */
  readonly selection: object;
  /** How many events that is. */
  readonly total: number;
  /** Whether to go on; otherwise it begins anew. */
  readonly resume: boolean;
  /** @default .headrace of this folder */
  readonly folder?: string;
}

const kept = z.strictObject({ selection: z.string(), doneCount: z.int().check(z.minimum(0)) });
const defaultFolder = fileURLToPath(new URL("../../.headrace/replay", import.meta.url));
/** How often it is written while events go out. */
const intervalMs = 1_000;

/**
 * Open the progress of a replay.
 *
 * Calls are answered in any order, so what is kept is how many events from the first on are all in: going on never leaves
 * one out, and may put those of the last calls again.
 *
 * @throws {UsageError} for `resume` where nothing of the kind was interrupted.
 */
export async function openReplayProgress(options: ReplayProgressOptions): Promise<ReplayProgress> {
  const { name, total, folder = defaultFolder } = options;
  const selection = JSON.stringify(options.selection);
  const file = join(folder, `${createHash("sha256").update(name).digest("hex").slice(0, 16)}.json`);
  const doneCount = options.resume ? await readDone(file, selection) : 0;
  let [first, isChanged] = [doneCount, false];
  let written = Promise.resolve();
  const ahead = new Set<number>();
  const timer = setInterval(() => {
    written = written.then(write);
  }, intervalMs);
  // Told by `close`.
  timer.unref();

  return {
    doneCount,
    put(events) {
      for (const { position } of events) if (position !== undefined) ahead.add(doneCount + position);
      while (ahead.delete(first)) first++;
      isChanged = true;
    },
    async close() {
      clearInterval(timer);
      await written;
      if (first < total) await write();
      else await rm(file, { force: true });
    },
  };

  async function write(): Promise<void> {
    if (!isChanged) return;
    isChanged = false;
    await mkdir(folder, { recursive: true });
    // Whole or not at all, whenever the machine stops.
    await writeFile(`${file}.new`, JSON.stringify({ selection, doneCount: first }));
    await rename(`${file}.new`, file);
  }
}

async function readDone(file: string, selection: string): Promise<number> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined)
    throw new UsageError("--resume: no replay onto this stream was interrupted; start one without it");
  const parsed = kept.safeParse(jsonOf(text));
  if (!parsed.success) {
    await rm(file);
    throw new UsageError("--resume: what was kept of the last replay is damaged; start one without it");
  }
  if (parsed.data.selection !== selection)
    throw new UsageError(
      `--resume: the last replay was of ${parsed.data.selection}, this one is of ${selection}; give the same --from, --to, --flights and --history`,
    );
  return parsed.data.doneCount;
}

/** What no program wrote is damaged like anything else. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
