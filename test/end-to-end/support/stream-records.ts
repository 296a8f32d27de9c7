import {
  type _Record,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
} from "@aws-sdk/client-kinesis";

export interface StreamRecord extends _Record {
  readonly shardId: string;
}

/** Everything that was put on a stream since it was opened; of one shard in order. */
export interface StreamRecords {
  /** Read on to the tip of every shard. @returns all records read so far. */
  read(): Promise<readonly StreamRecord[]>;
}

/** Open a stream at its tip: what is put once this has resolved will be read. It follows no split and no merge. */
export async function openStream(client: KinesisClient, streamName: string): Promise<StreamRecords> {
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName: streamName }));
  const shards = await Promise.all(
    Shards.map(async ({ ShardId = "" }) => {
      const command = new GetShardIteratorCommand({
        StreamName: streamName,
        ShardId,
        ShardIteratorType: "LATEST",
      });
      return { shardId: ShardId, iterator: (await client.send(command)).ShardIterator };
    }),
  );
  const all: StreamRecord[] = [];
  return {
    async read() {
      for (const shard of shards) {
        for (let isBehind = true; isBehind && shard.iterator !== undefined; ) {
          const command = new GetRecordsCommand({ ShardIterator: shard.iterator, Limit: 10_000 });
          const { Records = [], NextShardIterator } = await client.send(command);
          for (const record of Records) all.push({ ...record, shardId: shard.shardId });
          shard.iterator = NextShardIterator;
          isBehind = Records.length > 0;
        }
      }
      return all;
    },
  };
}
