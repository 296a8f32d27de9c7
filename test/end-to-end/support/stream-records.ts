import {
  type _Record,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
  type ShardIteratorType,
} from "@aws-sdk/client-kinesis";

export interface StreamRecord extends _Record {
  readonly shardId: string;
}

/** Everything that was put on a stream since it was opened; of one shard in order, and parents before their children. */
export interface StreamRecords {
  /** Read on to the tip of every shard. @returns all records read so far. */
  read(): Promise<readonly StreamRecord[]>;
}

/** Open a stream at its tip: what is put once this has resolved will be read, through splits and merges too. */
export async function openStream(client: KinesisClient, streamName: string): Promise<StreamRecords> {
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName: streamName }));
  /** Iterators by shard; undefined where the shard was read to its end. */
  const shards = new Map<string, string | undefined>();
  const isDone = (shardId: string) => shards.has(shardId) && shards.get(shardId) === undefined;
  const open = async (shardId: string, type: ShardIteratorType) => {
    const command = new GetShardIteratorCommand({
      StreamName: streamName,
      ShardId: shardId,
      ShardIteratorType: type,
    });
    shards.set(shardId, (await client.send(command)).ShardIterator);
  };
  await Promise.all(Shards.map(({ ShardId = "" }) => open(ShardId, "LATEST")));
  const all: StreamRecord[] = [];
  return {
    async read() {
      // Children that are opened on the way are visited too: a map's iteration meets what is added meanwhile.
      for (const shardId of shards.keys()) {
        for (let isBehind = true; isBehind; ) {
          const iterator = shards.get(shardId);
          if (iterator === undefined) break;
          const command = new GetRecordsCommand({ ShardIterator: iterator, Limit: 10_000 });
          const { Records = [], NextShardIterator, ChildShards = [] } = await client.send(command);
          for (const record of Records) all.push({ ...record, shardId });
          shards.set(shardId, NextShardIterator);
          for (const { ShardId = "", ParentShards = [] } of ChildShards) {
            // The parent that ends last opens it.
            if (ParentShards.every(isDone)) await open(ShardId, "TRIM_HORIZON");
          }
          isBehind = Records.length > 0;
        }
      }
      return all;
    },
  };
}
