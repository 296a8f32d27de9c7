import type { KinesisService } from "../../../scripts/local/kinesis/kinesis.ts";
import type { StoredRecord } from "../../../scripts/local/kinesis/reader.ts";

/** Everything a stream holds, shard after shard. */
export function readStream(kinesis: KinesisService, streamArn: string): StoredRecord[] {
  return kinesis.listShards(streamArn).flatMap(({ shardId }) => {
    const cursor = kinesis.openCursor(streamArn, shardId, { type: "TRIM_HORIZON" });
    const all: StoredRecord[] = [];
    for (;;) {
      const { records } = cursor.read(10_000);
      if (records.length === 0) return all;
      all.push(...records);
    }
  });
}
