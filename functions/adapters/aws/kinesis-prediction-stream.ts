import { createHash } from "node:crypto";
import type { PutRecordsRequestEntry } from "@aws-sdk/client-kinesis";
import { InvariantError } from "../../core/errors.ts";
import type { Logger } from "../../core/observe/logger.ts";
import type { PredictionBatch } from "../../core/prediction/prediction-batch.ts";
import type { PredictionStream } from "../../core/prediction/prediction-store.ts";
import { toHeadraceError } from "./aws-errors.ts";
import { putRecordsLimits } from "./plan-put-records.ts";
import { entryBytes, type PutFailure, type PutRecordsOptions, putRecords } from "./put-records.ts";

export interface KinesisPredictionStreamOptions extends PutRecordsOptions {
  /** Told why rows failed: one line per batch that has any. */
  readonly logger: Logger;
}

/** Kinesis' bound on a partition key, in characters. */
const maxPartitionKeyLength = 256;

/** The `predictions` stream in Kinesis. Consumers tell doubles by `predictionId`. */
export class KinesisPredictionStream implements PredictionStream {
  readonly #options: KinesisPredictionStreamOptions;

  constructor(options: KinesisPredictionStreamOptions) {
    this.#options = options;
  }

  async put(batch: PredictionBatch): Promise<readonly number[]> {
    const { stream, logger, limits = putRecordsLimits } = this.#options;
    const entries = Array.from({ length: batch.count }, (_, row) => toEntry(batch, row));
    const result = await putRecords(entries, this.#options);
    const failures: PutFailure[] = [
      ...result.oversized.map((row) => ({
        rows: [row],
        error: oversized(batch.predictionIds[row]!, entryBytes(entries[row]!), limits.maxRecordBytes),
      })),
      ...result.failures,
    ];
    if (failures.length === 0) return [];
    const failed = failures.flatMap((each) => each.rows).sort((a, b) => a - b);
    logger.warn("predictions were not put on the stream", {
      failedCount: failed.length,
      oversizedCount: result.oversized.length,
      rowCount: batch.count,
      error: toHeadraceError(failures[0]!.error, `kinesis PutRecords to ${stream}`),
    });
    return failed;
  }
}

function toEntry(batch: PredictionBatch, row: number): PutRecordsRequestEntry {
  return {
    Data: Buffer.from(batch.bodies[row]!),
    PartitionKey: partitionKey(batch.entities[row]!, batch.predictionIds[row]!),
  };
}

/** An entity too long for a key stands in it by its hash; without one, predictions spread over the shards. */
function partitionKey(entity: string, predictionId: string): string {
  if (entity === "") return predictionId;
  if (entity.length <= maxPartitionKeyLength) return entity;
  return createHash("sha256").update(entity).digest("hex");
}

function oversized(predictionId: string, sizeBytes: number, maxBytes: number): InvariantError {
  return new InvariantError(
    `prediction ${predictionId}: got a record of ${sizeBytes} bytes, allowed ${maxBytes}; declare fewer outputs`,
    { details: { predictionId, sizeBytes, maxBytes } },
  );
}
