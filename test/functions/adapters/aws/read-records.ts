import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
} from "@aws-sdk/client-kinesis";

/** Everything that stands on a stream, shard by shard. */
export async function readRecords(
  client: KinesisClient,
  streamName: string,
): Promise<{ key: string; body: string }[]> {
  const { Shards } = await client.send(new ListShardsCommand({ StreamName: streamName }));
  const records: { key: string; body: string }[] = [];
  for (const { ShardId } of Shards!) {
    const start = { StreamName: streamName, ShardId, ShardIteratorType: "TRIM_HORIZON" } as const;
    let { ShardIterator } = await client.send(new GetShardIteratorCommand(start));
    for (let isEmpty = false; !isEmpty; ) {
      const answer = await client.send(new GetRecordsCommand({ ShardIterator }));
      ShardIterator = answer.NextShardIterator;
      isEmpty = answer.Records!.length === 0;
      for (const { PartitionKey, Data } of answer.Records!) {
        records.push({ key: PartitionKey!, body: Buffer.from(Data!).toString() });
      }
    }
  }
  return records;
}
