import type { Tensor, TensorSpec } from "./tensor.ts";

/** A loaded model, ready to run. Runs may block the thread: batch rows rather than starting many. */
export interface ModelSession {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /**
   * Run the model once.
   *
   * The feeds' data may be reused by the caller as soon as the promise settles.
   *
   * @param feeds - one tensor per input, by name; checked against `inputs`.
   * @param outputNames - the outputs wanted; no others are computed.
   * @throws {ModelRunError} `run.failed` when the runtime fails on these rows.
   */
  run(
    feeds: Readonly<Record<string, Tensor>>,
    outputNames: readonly string[],
  ): Promise<Readonly<Record<string, Tensor>>>;
  release(): Promise<void>;
}

/** Makes sessions. ONNX Runtime is one; the tree engine will be another. */
export interface InferenceEngine {
  /** Start whatever the first session would wait for, while the model is still on its way. */
  warm(): void;
  /**
   * @param model - the bytes of an ONNX model.
   * @throws {ModelArtifactError} `model.operator` or `model.package` when the runtime refuses the model.
   */
  createSession(model: Uint8Array): Promise<ModelSession>;
}
