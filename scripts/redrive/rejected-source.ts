import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { type Reject, reject } from "../../functions/contract/reject.ts";
import type { ObjectStore } from "./object-store.ts";
import type { Original, SourceContent, SourceObject } from "./original.ts";

const unzip = promisify(gunzip);

/** A batch is at most 6 MB; base64 within JSON and the messages beside it stay far below this. */
const maxUnzippedBytes = 256 * 2 ** 20;

/** Find the objects of rejected events, of one model or of all. */
export async function* rejectedObjects(store: ObjectStore, model?: string): AsyncGenerator<SourceObject> {
  for await (const key of store.list(model === undefined ? "rejects/" : `rejects/${model}/`)) {
    const parts = /^rejects\/[^/]+\/([^/]+)\/([^/]+)\/(\d+)-(\d+)\.ndjson\.gz$/.exec(key);
    if (parts === null) continue;
    const [, stream, shard, first, last] = parts as unknown as [string, string, string, string, string];
    yield {
      key,
      stream,
      shard,
      first: BigInt(first),
      last: BigInt(last),
      read: () => readRejects(store, key),
    };
  }
}

async function readRejects(store: ObjectStore, key: string): Promise<SourceContent> {
  const body = await store.get(key);
  if (body === undefined) return { originals: [], damaged: [`${key}: gone since it was listed`] };
  let text: string;
  try {
    text = (await unzip(body, { maxOutputLength: maxUnzippedBytes })).toString("utf8");
  } catch (error) {
    return { originals: [], damaged: [`${key}: cannot be unzipped: ${(error as Error).message}`] };
  }
  const originals: Original[] = [];
  const damaged: string[] = [];
  text.split("\n").forEach((line, i) => {
    if (line === "") return;
    const parsed = parseReject(line);
    if (parsed === undefined) damaged.push(`${key}: line ${i + 1} is no rejected event`);
    else originals.push(parsed);
  });
  return { originals, damaged };
}

function parseReject(line: string): Original | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const parsed = reject.safeParse(value);
  return parsed.success && /^\d+$/.test(parsed.data.place.sequenceNumber)
    ? toOriginal(parsed.data)
    : undefined;
}

function toOriginal({ code, place, partitionKey, arrivedAt, data, removed = [] }: Reject): Original {
  return {
    kind: "rejected",
    stream: place.stream.slice(place.stream.lastIndexOf("/") + 1),
    shard: place.shard,
    sequenceNumber: place.sequenceNumber,
    subIndex: place.subIndex,
    partitionKey,
    ...(data === undefined || removed.length > 0 ? {} : { data: Buffer.from(data, "base64") }),
    arrivedAt: Date.parse(arrivedAt),
    code,
  };
}
