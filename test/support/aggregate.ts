import { createRequire } from "node:module";

export interface UserRecord {
  readonly partitionKey: string;
  readonly data: Buffer;
}

/** The part of AWS's aggregation library that its type declarations leave out. */
interface AggregationLibrary {
  readonly RecordAggregator: new () => {
    addUserRecord(record: UserRecord): void;
    build(): { readonly partitionKey: string; readonly data: Uint8Array };
  };
}

const { RecordAggregator } = createRequire(import.meta.url)("aws-kinesis-agg") as AggregationLibrary;

/** Put events together into the data of one Kinesis record, by AWS's own library. */
export function aggregate(records: readonly UserRecord[]): Buffer {
  const aggregator = new RecordAggregator();
  for (const record of records) aggregator.addUserRecord(record);
  return Buffer.from(aggregator.build().data);
}
