import type { KinesisStreamBatchResponse, KinesisStreamEvent } from "aws-lambda";
import { HeadraceError } from "../core/errors.ts";
import { createInstantWriter } from "../core/prediction/instant-text.ts";
import type { Redactor } from "../core/private/redactor.ts";
import { arrivalMsOf, type DeliveredBatch, openBatch } from "../stream/delivered-batch.ts";
import { archivedLine } from "./archived-line.ts";
import type { ArchiveDeps } from "./deps.ts";
import { eventsOf } from "./events-of.ts";
import { createGzipLines } from "./gzip-lines.ts";

/**
 * Keep every event of one batch of a shard: one object for each run of records that arrived within one hour.
 *
 * Never throws: what fails outside is reported from the first record that is in no object, and those from there on are
 * delivered again.
 */
export async function archiveBatch(
  event: KinesisStreamEvent,
  deps: ArchiveDeps,
): Promise<KinesisStreamBatchResponse> {
  const batch = openBatch(event);
  const count = batch.records.length;
  let done = 0;
  try {
    const redactor = await deps.redactor.read();
    while (done < count) {
      const end = endOfHour(batch, done);
      await archiveRun({ batch, from: done, end, redactor, deps });
      done = end;
    }
  } catch (error) {
    report(error, deps);
  }
  if (done < count) deps.metrics.add("ArchiveRetried", count - done, "Count");
  deps.metrics.flush();
  const failed = batch.records[done];
  return {
    batchItemFailures: failed === undefined ? [] : [{ itemIdentifier: failed.kinesis.sequenceNumber }],
  };
}

const msPerHour = 3_600_000;

/** Position behind the last record of the run that begins at `from`. */
function endOfHour({ records }: DeliveredBatch, from: number): number {
  const hourOf = (i: number) => Math.floor(arrivalMsOf(records[i]!) / msPerHour);
  const hour = hourOf(from);
  let end = from + 1;
  while (end < records.length && hourOf(end) === hour) end++;
  return end;
}

interface Run {
  readonly batch: DeliveredBatch;
  readonly from: number;
  readonly end: number;
  readonly redactor: Redactor;
  readonly deps: ArchiveDeps;
}

async function archiveRun({ batch, from, end, redactor, deps }: Run): Promise<void> {
  const { shard } = batch.range;
  const lines = createGzipLines();
  const instantText = createInstantWriter();
  let archived = 0;
  let withheld = 0;
  for (let i = from; i < end; i++) {
    const { kinesis } = batch.records[i]!;
    const arrivedAt = instantText(arrivalMsOf(batch.records[i]!));
    for (const [subIndex, given] of eventsOf(kinesis).entries()) {
      const redacted = redactor.redact(given);
      const { sequenceNumber } = kinesis;
      await lines.add(archivedLine({ shard, sequenceNumber, subIndex, arrivedAt }, redacted));
      archived++;
      if (redacted.withheld !== undefined) withheld++;
    }
  }
  const content = await lines.end();
  // An aggregated record may hold nothing.
  if (archived === 0) return;
  const first = batch.records[from]!;
  const last = batch.records[end - 1]!;
  await deps.archive.write(
    {
      shard,
      first: first.kinesis.sequenceNumber,
      last: last.kinesis.sequenceNumber,
      arrivalMs: arrivalMsOf(first),
    },
    content,
  );
  deps.metrics.add("ArchivedEvents", archived, "Count");
  deps.metrics.add("WithheldEvents", withheld, "Count");
  deps.metrics.add("ArchivedBytes", content.byteLength, "Bytes");
}

function report(error: unknown, { metrics, logger }: ArchiveDeps): void {
  const family = error instanceof HeadraceError ? error.name : "unexpected";
  if (family === "ModelNotFoundError") {
    logger.warn("events wait to be archived; they are delivered again", { error });
    return;
  }
  metrics.add(family === "DependencyError" ? "DependencyErrors" : "ModelErrors", 1, "Count");
  logger.error("batch not archived; it is delivered again", { error });
}
