import { gunzipSync } from "node:zlib";
import type { KinesisStreamEvent } from "aws-lambda";
import { MemoryArchiveStore } from "../../../functions/adapters/memory/memory-archive-store.ts";
import { MemoryConcealerKeys } from "../../../functions/adapters/memory/memory-concealer-keys.ts";
import { MemoryLedger } from "../../../functions/adapters/memory/memory-ledger.ts";
import { MemoryLogger } from "../../../functions/adapters/memory/memory-logger.ts";
import { MemoryMetrics } from "../../../functions/adapters/memory/memory-metrics.ts";
import { MemoryPackageStore } from "../../../functions/adapters/memory/memory-package-store.ts";
import { archiveBatch } from "../../../functions/archive/archive-batch.ts";
import type { ArchiveDeps } from "../../../functions/archive/deps.ts";
import { createStageRedactor } from "../../../functions/archive/stage-redactor.ts";
import { type ArchivedEvent, archivedEvent } from "../../../functions/contract/archived-event.ts";
import type { ModelDigest } from "../../../functions/contract/ids.ts";
import type { PackageFileName } from "../../../functions/contract/manifest.ts";
import {
  type PackageDeclarations,
  parseDeclaration,
} from "../../../functions/core/inference/package-declarations.ts";
import { maxAliasAgeMs } from "../../../functions/core/rollout/champion.ts";

export const shard = "shardId-000000000003";
const streamArn = "arn:aws:kinesis:eu-west-1:111122223333:stream/events";

/** A record of the stream: its position, its bytes, and when it arrived. */
export interface Given {
  readonly position: number;
  readonly data: string | Uint8Array;
  readonly partitionKey?: string;
  /** ISO 8601. */
  readonly at?: string;
}

export function delivery(given: readonly Given[], ofShard = shard): KinesisStreamEvent {
  return {
    Records: given.map(({ position, data, partitionKey, at = "2026-01-02T03:04:05.678Z" }) => ({
      kinesis: {
        kinesisSchemaVersion: "1.0",
        partitionKey: partitionKey ?? `key-${position}`,
        sequenceNumber: sequenceNumber(position),
        data: Buffer.from(data).toString("base64"),
        approximateArrivalTimestamp: Date.parse(at) / 1000,
      },
      eventSource: "aws:kinesis",
      eventVersion: "1.0",
      eventID: `${ofShard}:${sequenceNumber(position)}`,
      eventName: "aws:kinesis:record",
      invokeIdentityArn: "arn:aws:iam::111122223333:role/archive",
      awsRegion: "eu-west-1",
      eventSourceARN: streamArn,
    })),
  };
}

export function sequenceNumber(position: number): string {
  return `4954511524${String(position).padStart(46, "0")}`;
}

/** Lines of an object of the archive, each checked against the contract. */
export function linesOf(object: Uint8Array | undefined): readonly ArchivedEvent[] {
  const lines = gunzipSync(object!).toString().split("\n");
  return lines.slice(0, -1).map((line) => archivedEvent.parse(JSON.parse(line)));
}

/** The archive function over memory adapters, for a stage of these models. */
export function setUp(models: readonly string[] = ["m"], overrides: Partial<ArchiveDeps> = {}) {
  const ledger = new MemoryLedger();
  const packages = new MemoryPackageStore();
  const archive = new MemoryArchiveStore();
  const metrics = new MemoryMetrics();
  const logger = new MemoryLogger();
  const keys = new MemoryConcealerKeys();
  const reads: string[] = [];
  const revisions = new Map<string, number>();
  let nowMs = Date.UTC(2026, 0, 1);
  const declarations: PackageDeclarations = {
    read: async (model, digest) => {
      reads.push(model);
      return parseDeclaration((await packages.read(model, digest)).get("model.json")!);
    },
  };
  const deps: ArchiveDeps = {
    redactor: createStageRedactor({ models, ledger, declarations, keys, nowMs: () => nowMs }),
    ...{ archive, metrics, logger },
    ...overrides,
  };
  return {
    ...{ deps, ledger, archive, metrics, logger, keys },
    /** Models whose declaration was read, in order. */
    reads,
    /** Publish a version and make it the champion. */
    async publish(model: string, paths: readonly string[] = []): Promise<ModelDigest> {
      const declared = {
        name: model,
        features: { a: { from: "a" } },
        outputs: { score: { from: "score" } },
        private: paths,
      };
      const files = new Map<PackageFileName, Uint8Array>([
        ["model.json", Buffer.from(JSON.stringify(declared))],
      ]);
      const digest = await packages.write(model, files);
      const revision = (revisions.get(model) ?? 0) + 1;
      revisions.set(model, revision);
      await ledger.append({
        ...{ model, revision, by: "test", why: "test", aliases: { champion: { digest } } },
        at: new Date(nowMs).toISOString(),
        change: { kind: "publish", digest, sourceDigest: digest, alias: "champion" },
      });
      if (paths.length > 0) keys.keys.set(model, new Uint8Array(32).fill(model.length));
      return digest;
    },
    wait: (ms = maxAliasAgeMs) => {
      nowMs += ms;
    },
    /** Deliver records; the failure reported, as a position in the shard. */
    async deliver(given: readonly Given[], ofShard = shard): Promise<number | undefined> {
      const { batchItemFailures } = await archiveBatch(delivery(given, ofShard), deps);
      const [failure] = batchItemFailures;
      return failure && Number(failure.itemIdentifier.slice(10));
    },
  };
}
