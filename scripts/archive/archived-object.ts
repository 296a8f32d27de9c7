import { archivedEvent, type Withheld } from "../../functions/contract/archived-event.ts";
import { linesOf } from "../../functions/core/decode/gzip-lines.ts";
import { type Mark, markOf } from "../../functions/core/state/mark.ts";
import type { ObjectStore } from "../redrive/object-store.ts";

/** An event of the archive. */
export interface PastEvent {
  readonly shard: string;
  readonly sequenceNumber: string;
  /** Index within an aggregated record, which was taken apart; 0 for a plain one. */
  readonly subIndex: number;
  /** When the record arrived on the stream, epoch milliseconds. */
  readonly arrivedAtMs: number;
  readonly partitionKey: string;
  /** What the producer put, private values apart; absent where `withheld` is given. */
  readonly data?: Buffer;
  readonly withheld?: Withheld;
}

/** An event with its place in the order of its shard. */
export interface PlacedEvent {
  readonly mark: Mark;
  readonly event: PastEvent;
}

/**
 * Read one object of the archive, in its own order, some events at a time.
 *
 * @param noteDamaged - told of what cannot be read, in words; the rest is read on.
 */
export async function* readArchivedObject(
  store: Pick<ObjectStore, "get">,
  key: string,
  noteDamaged: (message: string) => void,
): AsyncGenerator<readonly PlacedEvent[]> {
  const bytes = await store.get(key);
  if (bytes === undefined) {
    noteDamaged(`${key}: gone since it was listed`);
    return;
  }
  let lineNumber = 0;
  let newest: Mark = "";
  try {
    for await (const lines of linesOf(bytes)) yield lines.flatMap(toPlaced);
  } catch (error) {
    noteDamaged(`${key}: cannot be unzipped beyond line ${lineNumber}: ${(error as Error).message}`);
  }

  function toPlaced(line: string): PlacedEvent[] {
    lineNumber++;
    const event = parseLine(line);
    if (event === undefined) {
      noteDamaged(`${key}: line ${lineNumber} is no archived event`);
      return [];
    }
    const mark = markOf(event.sequenceNumber, event.subIndex);
    if (mark <= newest) {
      noteDamaged(`${key}: line ${lineNumber} is out of order`);
      return [];
    }
    newest = mark;
    return [{ mark, event }];
  }
}

function parseLine(line: string): PastEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const parsed = archivedEvent.safeParse(value);
  if (!parsed.success) return undefined;
  const { shard, sequenceNumber, subIndex, arrivedAt, partitionKey, ...content } = parsed.data;
  return {
    ...{ shard, sequenceNumber, subIndex, arrivedAtMs: Date.parse(arrivedAt), partitionKey },
    ...("withheld" in content
      ? content
      : { data: Buffer.from(content.data, content.encoding === "base64" ? "base64" : "utf8") }),
  };
}
