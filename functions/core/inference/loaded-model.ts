import type { ModelDigest } from "../../contract/ids.ts";
import { type ModelPackage, modelPackage } from "../../contract/model-package.ts";
import type { ResultCache } from "../cache/result-cache.ts";
import type { SharedTier } from "../cache/shared-tier.ts";
import { InvariantError, ModelArtifactError, ModelRunError } from "../errors.ts";
import { createRowBuffers, type RowBuffers } from "../features/row-buffers.ts";
import { type Conceal, createConcealer } from "../private/concealer.ts";
import type { ConcealerKeys } from "../private/concealer-keys.ts";
import { createRedactor, type Redactor } from "../private/redactor.ts";
import { redactorOf } from "../private/redactor-of.ts";
import { type ChunkPredictor, createChunkPredictor } from "./chunk-predictor.ts";
import { compileProgram, type ModelProgram } from "./model-program.ts";
import type { InferenceEngine, ModelSession } from "./model-session.ts";
import type { OutputEncoder } from "./output-encoder.ts";
import type { PackageFiles } from "./package-store.ts";
import { predictEvents } from "./predict-events.ts";
import { differencesFrom, type Sample, sample } from "./samples.ts";

/** A version of a model, ready to predict. */
export interface LoadedModel {
  readonly digest: ModelDigest;
  readonly package: ModelPackage;
  readonly program: ModelProgram;
  readonly session: ModelSession;
  readonly buffers: RowBuffers;
  readonly predictor: ChunkPredictor;
  /** Takes private values out of what is kept of an event. */
  readonly redactor: Redactor;
  /**
   * Another predictor over the same buffers and caches, for whoever wants other outputs than the package declares.
   *
   * Predictors share the buffers: one must be done before another begins.
   *
   * @param outputs - what is predicted, under a name that is not the beginning of any other's.
   */
  makePredictor(outputs: NamedOutputs): ChunkPredictor;
}

export interface NamedOutputs {
  readonly name: string;
  readonly encoder: OutputEncoder;
}

export interface LoadOptions {
  readonly engine: InferenceEngine;
  /** Room for results; makes a cache of so many bytes. */
  readonly makeCache?: (memoryBytes: number) => ResultCache;
  /** The cache that a version shares with other functions; undefined where it is to share none. */
  readonly makeShared?: (pkg: ModelPackage) => SharedTier | undefined;
  /** A clock in milliseconds, with fractions. */
  readonly nowMs: () => number;
  /** What private ids and keys are concealed with. @default a package that declares any is refused */
  readonly concealerKeys?: ConcealerKeys;
  readonly onRun?: (rowCount: number, durationMs: number) => void;
}

/** Samples that are run at load: enough to see that the model is what it was, without making a cold start long. */
const maxSamplesAtLoad = 32;

/**
 * Make a published package ready to predict: compile it, create its session, and run its samples once, which also
 * warms it up.
 *
 * @throws {ModelArtifactError} when the package cannot be read, does not fit its model, or fails its samples.
 */
export async function loadModel(
  digest: ModelDigest,
  files: PackageFiles,
  options: LoadOptions,
): Promise<LoadedModel> {
  const pkg = readPackage(files);
  const samples = readSamples(files.get("samples.jsonl"));
  const session = await options.engine.createSession(requireFile(files, "model.onnx"));
  try {
    const { redactor, conceal } = await privacyOf(pkg, options.concealerKeys);
    const program = compileProgram(pkg, session, conceal);
    const buffers = createRowBuffers(program.encoder.layout, pkg.limits.chunkRows);
    const parts = { program, session, buffers };
    await checkSamples(parts, samples, pkg);
    const probe = await makeProbe(parts);
    const { makeCache, makeShared, nowMs, onRun } = options;
    const cache = pkg.cache.memoryBytes === 0 ? undefined : makeCache?.(pkg.cache.memoryBytes);
    const common = { session, buffers, cache, shared: makeShared?.(pkg), probe, nowMs, onRun };
    const predictor = createChunkPredictor({ ...common, outputs: program.outputs, keyPrefix: digest });
    const makePredictor = ({ name, encoder }: NamedOutputs) =>
      // Keys of the package's own outputs begin with a digest, which has no such letter.
      createChunkPredictor({ ...common, outputs: encoder, keyPrefix: `outputs ${name} ${digest}` });
    return { digest, package: pkg, ...parts, predictor, redactor, makePredictor };
  } catch (error) {
    await session.release();
    throw error;
  }
}

async function privacyOf(
  pkg: ModelPackage,
  keys: ConcealerKeys | undefined,
): Promise<{ redactor: Redactor; conceal?: Conceal }> {
  if (pkg.private.length === 0) return { redactor: createRedactor([], (text) => text) };
  if (keys === undefined)
    throw new InvariantError(
      `package "${pkg.name}": got private paths and no keys to conceal with; pass some`,
    );
  return { redactor: await redactorOf([pkg], keys), conceal: createConcealer(await keys.read(pkg.name)) };
}

function readPackage(files: PackageFiles): ModelPackage {
  const parsed = modelPackage.safeParse(parseJson(requireFile(files, "model.json"), "model.json"));
  if (parsed.success) return parsed.data;
  throw unreadable("model.json: not valid for this release", { issues: parsed.error.issues });
}

function readSamples(bytes: Uint8Array | undefined): Sample[] {
  if (bytes === undefined) return [];
  const lines = textOf(bytes)
    .split("\n")
    .filter((line) => line.trim() !== "");
  return lines.slice(0, maxSamplesAtLoad).map((line, i) => {
    const where = `samples.jsonl, sample ${i + 1}`;
    const parsed = sample.safeParse(parseJson(line, where));
    if (parsed.success) return parsed.data;
    throw unreadable(`${where}: not valid for this release`, { issues: parsed.error.issues });
  });
}

function parseJson(content: string | Uint8Array, where: string): unknown {
  try {
    return JSON.parse(typeof content === "string" ? content : textOf(content));
  } catch (cause) {
    throw unreadable(`${where}: not JSON`, {}, cause);
  }
}

function unreadable(
  what: string,
  details: Readonly<Record<string, unknown>>,
  cause?: unknown,
): ModelArtifactError {
  return new ModelArtifactError(`${what}; publish the package again`, {
    code: "model.package",
    details,
    cause,
  });
}

type Parts = Pick<LoadedModel, "program" | "session" | "buffers">;

async function checkSamples(parts: Parts, samples: readonly Sample[], pkg: ModelPackage): Promise<void> {
  const answers = await predictEvents(
    parts,
    samples.map(({ event, features }) => ({ payload: Buffer.from(JSON.stringify(event)), features })),
  );
  const problems = answers.flatMap((answer, i) => {
    const found =
      "outputs" in answer
        ? differencesFrom(samples[i]!.outputs, answer.outputs, pkg.samplesTolerance)
        : [answer.message];
    return found.map((message) => `sample ${i + 1}: ${message}`);
  });
  if (problems.length === 0) return;
  throw new ModelArtifactError(`model fails its own samples: ${problems.join(" | ")}`, {
    code: "model.samples",
    details: { problems },
  });
}

/**
 * Run one row, and keep a copy of it as the row that is known to be good: a sample, which stands in the buffers, or
 * zeros. A model that cannot take zeros has no such row.
 */
async function makeProbe({
  session,
  buffers,
  program,
}: Parts): Promise<(() => Promise<boolean>) | undefined> {
  const feeds = Object.fromEntries(
    Object.entries(buffers.feeds(0, 1)).map(([name, tensor]) => [
      name,
      { ...tensor, data: tensor.data.slice() },
    ]),
  );
  const probe = async () => {
    try {
      await session.run(feeds, program.outputs.tensorNames);
      return true;
    } catch (error) {
      if (error instanceof ModelRunError) return false;
      throw error;
    }
  };
  return (await probe()) ? probe : undefined;
}

function requireFile(files: PackageFiles, name: "model.json" | "model.onnx"): Uint8Array {
  const bytes = files.get(name);
  if (bytes === undefined)
    throw new ModelArtifactError(`${name}: missing from the package`, { code: "model.package" });
  return bytes;
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
