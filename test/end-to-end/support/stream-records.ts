import {
  type _Record,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
} from "@aws-sdk/client-kinesis";

/** Everything that was put on a stream since it was opened, in the order read. */
export interface StreamRecords {
  /** Read on to the tip of every shard. @returns all records read so far. */
  read(): Promise<readonly _Record[]>;
}

/** Open a stream at its tip: what is put once this has resolved will be read. */
export async function openStream(client: KinesisClient, streamName: string): Promise<StreamRecords> {
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName: streamName }));
  const iterators = await Promise.all(
    Shards.map(async ({ ShardId }) => {
      const command = new GetShardIteratorCommand({
        StreamName: streamName,
        ShardId,
        ShardIteratorType: "LATEST",
      });
      return (await client.send(command)).ShardIterator;
    }),
  );
  const all: _Record[] = [];
  return {
    async read() {
      for (const [shard, start] of iterators.entries()) {
        for (let iterator = start, isBehind = true; isBehind && iterator !== undefined; ) {
          const { Records = [], ...answer } = await client.send(
            new GetRecordsCommand({ ShardIterator: iterator, Limit: 10_000 }),
          );
          all.push(...Records);
          iterator = iterators[shard] = answer.NextShardIterator;
          isBehind = Records.length > 0;
        }
      }
      return all;
    },
  };
}
