import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { ModelDigest } from "../../../contract/ids.ts";
import { DependencyError, InvariantError } from "../../errors.ts";
import type { ShardStateStore } from "../../state/shard-state-store.ts";
import type { DriftReport } from "./drift-report.ts";

/** Which reports are wanted. */
export interface DriftSpan {
  /** Windows that begin from then, inclusive, until then, inclusive; epoch milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
  /** @default every version */
  readonly digest?: ModelDigest;
}

/**
 * Read what was found of a model's windows.
 *
 * @returns ascending by the beginning of the window.
 * @throws {DependencyError} when the store cannot be read.
 */
export async function readDrift(
  store: ShardStateStore,
  model: string,
  { fromMs, toMs, digest }: DriftSpan,
): Promise<DriftReport[]> {
  // Behind "#" stands a digest, in digits and lower-case letters: "~" is above them all.
  const [items] = await store.read([
    {
      partitionKey: driftPartition(model),
      from: `${new Date(fromMs).toISOString()}#`,
      to: `${new Date(toMs).toISOString()}#~`,
    },
  ]);
  return items!
    .filter(({ sortKey }) => digest === undefined || sortKey.endsWith(`#${digest}`))
    .flatMap(({ sortKey, parts }) => [...parts.values()].map(({ body }) => decodeReport(body, sortKey)));
}

/**
 * Keep what was found of a window. What stands already stays: a window is decided once.
 *
 * @param expiresAt - when it may be forgotten, epoch seconds.
 * @throws {DependencyError} when it cannot be written.
 */
export async function writeDrift(
  store: ShardStateStore,
  model: string,
  { report, expiresAt }: { readonly report: DriftReport; readonly expiresAt: number },
): Promise<void> {
  const sortKey = `${report.from}#${report.digest}`;
  const part = { mark: report.from, body: deflateRawSync(JSON.stringify(report)) };
  const [failed] = await store.write([
    {
      ...{ partitionKey: driftPartition(model), sortKey, part, expiresAt },
      shard: writer,
      expected: undefined,
    },
  ]);
  if (failed?.reason === "unavailable") {
    throw new DependencyError(
      `drift of "${model}": the report of ${report.from} could not be written; the next run decides it again`,
      { code: "dependency.unavailable" },
    );
  }
}

/** The one that writes: whichever run decides a window. */
const writer = "drift";
/** Of a thousand features some hundred kilobytes; far below what an item inflated could hold. */
const maxReportBytes = 8 * 2 ** 20;

function driftPartition(model: string): string {
  return `${model}#drift`;
}

function decodeReport(body: Uint8Array, sortKey: string): DriftReport {
  try {
    return JSON.parse(inflateRawSync(body, { maxOutputLength: maxReportBytes }).toString());
  } catch (cause) {
    throw new InvariantError(
      `drift ${sortKey}: got ${body.length} bytes that hold no report; read it with the release that wrote it`,
      { cause },
    );
  }
}
