import { InvariantError } from "../../core/errors.ts";
import type { EventRecord, EventStream } from "../../core/outcome/event-stream.ts";
import { toHeadraceError } from "./aws-errors.ts";
import { putRecordsLimits } from "./plan-put-records.ts";
import { type PutRecordsOptions, putRecords } from "./put-records.ts";

/** The events stream in Kinesis. A record whose answer was lost may come twice. */
export class KinesisEventStream implements EventStream {
  readonly #options: PutRecordsOptions;

  constructor(options: PutRecordsOptions) {
    this.#options = options;
  }

  async put(records: readonly EventRecord[]): Promise<void> {
    const { stream, limits = putRecordsLimits } = this.#options;
    const entries = records.map(({ partitionKey, data }) => ({
      Data: Buffer.from(data),
      PartitionKey: partitionKey,
    }));
    const { failures, oversized } = await putRecords(entries, this.#options);
    const what = `kinesis PutRecords to ${stream}`;
    if (oversized.length > 0) {
      throw new InvariantError(
        `${what}: got ${oversized.length} records above ${limits.maxRecordBytes} bytes, expected none; refuse them before`,
      );
    }
    if (failures.length > 0) throw toHeadraceError(failures[0]!.error, what);
  }
}
