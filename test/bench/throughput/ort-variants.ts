import * as ort from "onnxruntime-node";
import { ortSessionOptions } from "../../../functions/adapters/onnx/ort-engine.ts";
import { scoreOf } from "./handler-variant.ts";
import type { Variant } from "./variant.ts";
import type { Workload } from "./workload.ts";

/** Rows per run of the raw variant: as many as the handler takes. */
const rawRows = 1_024;

/** ONNX Runtime alone: the features stand ready, one run per 1,024 rows, nothing is made of the outputs. */
export async function rawVariant(
  name: string,
  workload: Omit<Workload, "deliveries" | "parseRow">,
): Promise<Variant<unknown>> {
  const { featureCount, tensor } = workload;
  const session = await createSession(workload);
  const input = session.inputNames[0]!;
  let outputs: Float32Array[] = [];
  return {
    name,
    async run(_, rows) {
      for (let from = 0; from < rows.length; from += rawRows * featureCount) {
        const chunk = rows.subarray(from, from + rawRows * featureCount);
        const feed = new ort.Tensor("float32", chunk, [chunk.length / featureCount, featureCount]);
        const results = await session.run({ [input]: feed }, [tensor.name]);
        outputs.push(results[tensor.name]!.data as Float32Array);
      }
    },
    takeScores() {
      const taken = outputs.flatMap((data) => scoresOf(data, tensor));
      outputs = [];
      return taken;
    },
    release: () => session.release(),
  };
}

/** The usual handler: per record, decode, check by zod, run the model on one row, write the prediction as JSON. */
export async function naiveVariant(name: string, workload: Workload): Promise<Variant> {
  const { featureCount, tensor, output, parseRow } = workload;
  const session = await createSession(workload);
  const input = session.inputNames[0]!;
  let bodies: string[] = [];
  return {
    name,
    async run(event) {
      for (const { kinesis } of event.Records) {
        const json = JSON.parse(Buffer.from(kinesis.data, "base64").toString("utf8"));
        const feed = new ort.Tensor("float32", parseRow(json), [1, featureCount]);
        const results = await session.run({ [input]: feed }, [tensor.name]);
        const score = results[tensor.name]!.data[tensor.column] as number;
        const outputs = { [output]: score, label: score >= 0.5 ? "yes" : "no" };
        bodies.push(JSON.stringify({ model: workload.name, event: json.id ?? json.flight, outputs }));
      }
    },
    takeScores() {
      const taken = bodies.map((body) => scoreOf(body, output));
      bodies = [];
      return taken;
    },
    release: () => session.release(),
  };
}

/** With the options that the function uses: the same threads for everybody. */
function createSession({ files }: Pick<Workload, "files">): Promise<ort.InferenceSession> {
  process.env.ORT_DISABLE_TELEMETRY ??= "1";
  return ort.InferenceSession.create(
    Buffer.from(files.get("model.onnx")!),
    ortSessionOptions({ memoryMiB: 1_769 }),
  );
}

function scoresOf(data: Float32Array, { width, column }: Workload["tensor"]): number[] {
  return Array.from({ length: data.length / width }, (_, row) => data[row * width + column]!);
}
