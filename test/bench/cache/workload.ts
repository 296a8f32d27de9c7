import type { InferenceEngine } from "../../../functions/core/inference/model-session.ts";
import type { PackageFiles } from "../../../functions/core/inference/package-store.ts";
import type { Workload } from "../throughput/workload.ts";

/** What the shared cache is measured on. */
export interface CacheWorkload {
  readonly name: string;
  readonly files: PackageFiles;
  readonly engine: InferenceEngine;
  /** Whether a row costs more than asking for it may. */
  readonly isDear: boolean;
  /** Encoded rows of the model's one input, a chunk each. */
  readonly chunks: readonly Float32Array[];
}

/** Enough rows that a round lasts tens of milliseconds on trees, few enough that they fit the endpoint. */
const deliveries = 2;
/** Of a package that declares none. */
const chunkRows = 1_024;

/** The rows of another benchmark's workload, in chunks. */
export function cacheWorkload(workload: Workload, engine: InferenceEngine): CacheWorkload {
  const { name, files, featureCount } = workload;
  const size = chunkRows * featureCount;
  const chunks = workload.deliveries
    .slice(0, deliveries)
    .flatMap(({ rows }) =>
      Array.from({ length: rows.length / size }, (_, i) => rows.subarray(i * size, (i + 1) * size)),
    );
  return { name, files, engine, isDear: false, chunks };
}
