import type * as Ort from "onnxruntime-node";
import { ConfigError, ModelArtifactError } from "../../core/errors.ts";
import type { InferenceEngine, ModelSession } from "../../core/inference/model-session.ts";
import { createOrtSession } from "./ort-session.ts";

export interface OrtEngineOptions {
  /** Memory of the function, in MiB: Lambda gives one full core per 1,769 MiB. */
  readonly memoryMiB: number;
  /** @default one per full core of `memoryMiB`, at least one */
  readonly threads?: number;
}

/**
 * Make sessions with ONNX Runtime (`onnxruntime-node`), which is loaded at the first need, never at import.
 *
 * Its telemetry is off unless `ORT_DISABLE_TELEMETRY` is set to something else beforehand: it would write a device id
 * and a database under the user's cache directory and start a thread.
 */
export function createOrtEngine(options: OrtEngineOptions): InferenceEngine {
  const sessionOptions = ortSessionOptions(options);
  let warming: Promise<void> | undefined;

  return {
    warm() {
      warming ??= startEnvironment(sessionOptions);
      // Nobody may ever ask for a session; who does, gets the failure (see createSession).
      warming.catch(() => undefined);
    },
    async createSession(model): Promise<ModelSession> {
      try {
        await warming;
      } catch (error) {
        warming = undefined;
        throw error;
      }
      const ort = await loadOrt();
      const session = await ort.InferenceSession.create(model, sessionOptions).catch((cause) => {
        throw refused(model, cause);
      });
      try {
        return createOrtSession(ort, session);
      } catch (error) {
        await session.release();
        throw error;
      }
    },
  };
}

/** Lambda's share of a core per MiB. @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const memoryMiBPerCore = 1769;

/**
 * More threads than cores double the time of a run, spinning ones most of all; the parallel execution mode never helped and
 * on a starved core cost twenty-five times (onnxruntime-node 1.30.0).
 */
export function ortSessionOptions({
  memoryMiB,
  threads,
}: OrtEngineOptions): Ort.InferenceSession.SessionOptions {
  const intraOpNumThreads = threads ?? Math.max(1, Math.floor(memoryMiB / memoryMiBPerCore));
  if (!Number.isInteger(intraOpNumThreads) || intraOpNumThreads < 1) {
    const got = threads === undefined ? `memoryMiB ${memoryMiB}` : `threads ${threads}`;
    throw new ConfigError(
      `onnx runtime: got ${got}, expected threads to be a whole number from 1; set the memory or the threads of the function`,
      { code: "config.env", details: { memoryMiB, threads } },
    );
  }
  return {
    intraOpNumThreads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
    ...(intraOpNumThreads > 1 && { extra: { session: { intra_op: { allow_spinning: "0" } } } }),
  };
}

/**
 * Load the library and start its environment, about 25 ms of blocking work that every first session needs.
 *
 * It waits for one turn of the event loop, so that requests the caller is about to make are on their way first.
 */
async function startEnvironment(sessionOptions: Ort.InferenceSession.SessionOptions): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  const ort = await loadOrt();
  try {
    const session = await ort.InferenceSession.create(Buffer.from(identityModel, "base64"), sessionOptions);
    await session.release();
  } catch (cause) {
    throw cannotStart("started", cause);
  }
}

/** `y = Identity(x)`, float32 [1], opset 13: the least model that ONNX Runtime accepts. */
export const identityModel =
  "CAg6NwoQCgF4EgF5IghJZGVudGl0eRIBZ1oPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCAhAN";

async function loadOrt(): Promise<typeof Ort> {
  process.env.ORT_DISABLE_TELEMETRY ??= "1";
  try {
    return await import("onnxruntime-node");
  } catch (cause) {
    throw cannotStart("loaded", cause);
  }
}

function cannotStart(step: "loaded" | "started", cause: unknown): ConfigError {
  const { platform, arch } = process;
  // Node adds the whole require stack in further lines; `cause` keeps it.
  const [reason] = messageOf(cause).split("\n", 1);
  return new ConfigError(
    `onnx runtime cannot be ${step} on ${platform}-${arch}: ${reason}; attach the onnxruntime layer of this architecture`,
    { code: "config.env", details: { platform, architecture: arch }, cause },
  );
}

function refused(model: Uint8Array, cause: unknown): ModelArtifactError {
  return new ModelArtifactError(
    `onnx runtime refuses the model of ${model.byteLength} bytes: ${messageOf(cause)}; publish a model that it can load`,
    { code: "model.package", details: { sizeBytes: model.byteLength }, cause },
  );
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
