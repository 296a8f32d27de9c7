import { callAws } from "./call-aws.ts";
import { defaultRetry, type Retry } from "./retry.ts";
import type { StreamClient } from "./stream-client.ts";

export interface KinesisShardParentsOptions {
  readonly client: Pick<StreamClient, "listShards">;
  /** @default defaultRetry */
  readonly retry?: Retry;
}

type Lineage = ReadonlyMap<string, readonly string[]>;

/**
 * The lineage of streams' shards, by ListShards. What a shard descends from never changes: a stream is listed again only
 * for a shard that was not there before.
 */
export class KinesisShardParents {
  readonly #client: KinesisShardParentsOptions["client"];
  readonly #retry: Retry;
  readonly #lineages = new Map<string, Lineage>();

  constructor(options: KinesisShardParentsOptions) {
    this.#client = options.client;
    this.#retry = options.retry ?? defaultRetry;
  }

  /**
   * The shards that one was split or merged from.
   *
   * @param stream - its name.
   * @returns none for a shard that the stream began with, or that is gone from the listing, as it is after the retention.
   * @throws {DependencyError} when the shards cannot be listed after bounded retries.
   */
  async parentsOf(stream: string, shard: string): Promise<readonly string[]> {
    const known = this.#lineages.get(stream)?.get(shard);
    if (known !== undefined) return known;
    const lineage = await this.#list(stream);
    this.#lineages.set(stream, lineage);
    return lineage.get(shard) ?? [];
  }

  async #list(stream: string): Promise<Lineage> {
    const lineage = new Map<string, readonly string[]>();
    let token: string | undefined;
    do {
      // A token names the stream; the two together are refused.
      const input = token === undefined ? { StreamName: stream } : { NextToken: token };
      const { Shards, NextToken } = await callAws(`kinesis ListShards of ${stream}`, this.#retry, () =>
        this.#client.listShards(input),
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
