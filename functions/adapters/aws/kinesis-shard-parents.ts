import { type KinesisClient, ListShardsCommand } from "@aws-sdk/client-kinesis";
import { callAws } from "./call-aws.ts";
import { defaultRetry, type Retry } from "./retry.ts";

export interface KinesisShardParentsOptions {
  readonly client: KinesisClient;
  readonly streamArn: string;
  /** @default defaultRetry */
  readonly retry?: Retry;
}

type Lineage = ReadonlyMap<string, readonly string[]>;

/**
 * The lineage of a stream's shards, by ListShards. What a shard descends from never changes: the stream is listed again
 * only for a shard that was not there before.
 */
export class KinesisShardParents {
  readonly #client: KinesisClient;
  readonly #streamArn: string;
  readonly #retry: Retry;
  #lineage: Lineage = new Map();

  constructor(options: KinesisShardParentsOptions) {
    this.#client = options.client;
    this.#streamArn = options.streamArn;
    this.#retry = options.retry ?? defaultRetry;
  }

  /**
   * The shards that one was split or merged from.
   *
   * @returns none for a shard that the stream began with, or that is gone from the listing, as it is after the retention.
   * @throws {DependencyError} when the shards cannot be listed after bounded retries.
   */
  async parentsOf(shard: string): Promise<readonly string[]> {
    if (!this.#lineage.has(shard)) this.#lineage = await this.#list();
    return this.#lineage.get(shard) ?? [];
  }

  async #list(): Promise<Lineage> {
    const lineage = new Map<string, readonly string[]>();
    let token: string | undefined;
    do {
      // A token names the stream; the two together are refused.
      const command = new ListShardsCommand(
        token === undefined ? { StreamARN: this.#streamArn } : { NextToken: token },
      );
      const { Shards, NextToken } = await callAws(
        `kinesis ListShards of ${this.#streamArn}`,
        this.#retry,
        () => this.#client.send(command),
      );
      for (const { ShardId, ParentShardId, AdjacentParentShardId } of Shards ?? [])
        lineage.set(
          ShardId!,
          [ParentShardId, AdjacentParentShardId].filter((each) => each !== undefined),
        );
      token = NextToken;
    } while (token !== undefined);
    return lineage;
  }
}
