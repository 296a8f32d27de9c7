import { treeModel } from "../../../scripts/onnx/example-trees.ts";
import { seededRandom } from "../../../scripts/onnx/random.ts";
import { quantile, ratioOf } from "../ratio.ts";
import { isNoisy, type Measured } from "../result.ts";
import { measureRounds, type Spent } from "../throughput/measure-rounds.ts";
import { rawVariant } from "../throughput/ort-variants.ts";
import { syntheticWorkload } from "../throughput/synthetic-workload.ts";
import { type Delivery, rotate, type Workload } from "../throughput/workload.ts";
import { inferVariant } from "./infer-variant.ts";

export interface InferOptions {
  readonly rounds: number;
  /** Further tries, with twice the rounds each, where noise swamps the measurement. */
  readonly retries: number;
  readonly onProgress: (text: string) => void;
}

const requestRows = 1_000;
const requestsPerRound = 8;
/** Share of raw ONNX Runtime's rows per second. */
const floor = 0.6;

/** Rows per second of 1,000 rows in one request of the Open Inference Protocol, against ONNX Runtime alone. */
export async function measureInfer({ rounds, retries, onProgress }: InferOptions): Promise<Measured> {
  const workload = syntheticWorkload({
    name: "trees-300",
    onnx: treeModel(),
    tensor: { name: "probabilities", width: 2, column: 1 },
    seed: 13,
  });
  const requests = makeRequests(workload);
  const variants = [
    await rawVariant("raw batched ORT", workload),
    await inferVariant("infer", workload),
    await inferVariant("infer again", workload),
  ];
  try {
    for (let attempt = 0; ; attempt++) {
      onProgress(`1,000 rows in one request: ${rounds * 2 ** attempt} rounds`);
      const measured = summarise(
        await measureRounds({
          variants,
          deliveries: rotate(requests),
          rounds: rounds * 2 ** attempt,
          deliveriesPerRound: requestsPerRound,
          warmUpRounds: 3,
          tolerance: 1e-6,
          random: seededRandom(rounds),
        }),
      );
      if (attempt >= retries || !measured.selfChecks.some(isNoisy)) return measured;
    }
  } finally {
    for (const variant of variants) await variant.release();
  }
}

function summarise([raw, infer, again]: readonly Spent[]): Measured {
  const cost = ({ cpu }: Spent) => ((quantile(cpu, 0.5) / (requestRows * requestsPerRound)) * 1e3).toFixed(2);
  const result = {
    name: "trees-300: 1,000 rows in one OIP request ÷ raw batched ORT",
    ...ratioOf(raw!.cpu, infer!.cpu),
    floor,
    better: "higher" as const,
    detail: `${cost(infer!)} against ${cost(raw!)} µs a row; by the wall clock ${ratioOf(raw!.wall, infer!.wall).ratio.toFixed(2)}`,
  };
  return {
    results: [result],
    selfChecks: [{ name: "OIP request", ...ratioOf(infer!.cpu, again!.cpu) }],
  };
}

/** Two requests of each delivery's rows: 64,000 distinct ones, more than the result cache holds. */
function makeRequests({ name, featureCount, deliveries }: Workload): readonly Delivery[] {
  const size = requestRows * featureCount;
  return deliveries.flatMap((delivery) =>
    [0, size].map((from) => {
      const rows = delivery.rows.subarray(from, from + size);
      return { text: JSON.stringify(inferEvent(name, rows)), rows };
    }),
  );
}

/** A request as API Gateway's proxy integration hands it over, as far as functions look at it; it asks for every output. */
function inferEvent(model: string, rows: Float32Array) {
  // Events have four decimals; the nearest float32 would be written with more.
  const data = Array.from(rows, (value) => Number(value.toFixed(4)));
  const input = { name: "features", shape: [requestRows, rows.length / requestRows], datatype: "FP32", data };
  const path = `/v2/models/${model}/infer`;
  return {
    ...{ httpMethod: "POST", path, resource: path, isBase64Encoded: false },
    headers: { "Content-Type": "application/json" },
    requestContext: { requestId: "bench" },
    body: JSON.stringify({ inputs: [input] }),
  };
}
