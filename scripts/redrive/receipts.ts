import * as z from "zod/mini";
import { DependencyError } from "../../functions/core/errors.ts";
import type { ObjectStore } from "./object-store.ts";
import { type Original, placeKey } from "./original.ts";

const receipt = z.object({ at: z.string(), places: z.array(z.string()) });

/**
 * Read which places of a shard were put back before.
 *
 * @param range - only receipts that touch these sequence numbers are read.
 */
export async function readReceipts(
  store: ObjectStore,
  shard: { stream: string; shard: string },
  range: { first: bigint; last: bigint },
): Promise<Set<string>> {
  const places = new Set<string>();
  for await (const key of store.list(prefixOf(shard))) {
    const [, first, last] = /\/(\d+)-(\d+)-[^/]+\.json$/.exec(key) ?? [];
    if (first === undefined || last === undefined) continue;
    if (BigInt(first) > range.last || BigInt(last) < range.first) continue;
    const body = await store.get(key);
    if (body === undefined) continue;
    for (const place of parseReceipt(key, body)) places.add(place);
  }
  return places;
}

/**
 * Note that originals were put back, so that no later run does it again.
 *
 * @param originals - at least one, all of one shard, in order.
 * @param run - distinguishes runs; receipts are never changed.
 */
export async function writeReceipt(
  store: ObjectStore,
  originals: readonly Original[],
  { run, now }: { run: string; now: number },
): Promise<void> {
  const first = originals[0]!;
  const last = originals.at(-1)!;
  const key = `${prefixOf(first)}${first.sequenceNumber}-${last.sequenceNumber}-${run}.json`;
  const body: z.infer<typeof receipt> = {
    at: new Date(now).toISOString(),
    places: originals.map(placeKey),
  };
  await store.put(key, Buffer.from(JSON.stringify(body)));
}

function prefixOf({ stream, shard }: { stream: string; shard: string }): string {
  return `redriven/${stream}/${shard}/`;
}

function parseReceipt(key: string, body: Uint8Array): readonly string[] {
  try {
    return receipt.parse(JSON.parse(Buffer.from(body).toString("utf8"))).places;
  } catch (cause) {
    // Going on without it would put its events back a second time.
    throw new DependencyError(
      `${key}: got something that is no receipt; remove it to put its events back again`,
      { code: "dependency.unavailable", details: { key }, cause },
    );
  }
}
