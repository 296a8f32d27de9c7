import type { ModelDigest } from "../../../contract/ids.ts";
import { type PackageFileName, packageFileNames } from "../../../contract/manifest.ts";
import { ModelArtifactError } from "../../errors.ts";
import { type LoadedModel, type LoadOptions, loadModel } from "../../inference/loaded-model.ts";
import { packageDigest } from "../../inference/package-digest.ts";
import type { PackageFiles } from "../../inference/package-store.ts";
import { predictEvents } from "../../inference/predict-events.ts";
import { type Sample, sample } from "../../inference/samples.ts";
import type { CountedExample } from "../../monitor/reference/example-rows.ts";
import { makeReference } from "../../monitor/reference/make-reference.ts";
import { type StoredLayout, storedLayoutOf } from "../../outcome/stored-layout.ts";
import { normaliseModel } from "../onnx/normalise.ts";

export interface BuildVersionOptions {
  /** The version whose declaration the new one has. */
  readonly champion: PackageFiles;
  /** As the trainer wrote it. */
  readonly model: Uint8Array;
  /** What both were made of, in about the order of their events. */
  readonly examples: AsyncIterable<CountedExample>;
  /** Of the examples that count: from `fromMs` to `toMs` inclusive, epoch milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly load: LoadOptions;
}

/** A version that passed what a published package must. */
export interface BuiltVersion {
  readonly files: PackageFiles;
  readonly digest: ModelDigest;
  /** Of the model as it was before normalisation. */
  readonly sourceDigest: string;
  readonly layout: StoredLayout | undefined;
}

/**
 * Make a package of a trained model: the champion's declaration and sample events, what the new model says of those, and
 * what it says of the examples as reference.
 *
 * @throws {ModelArtifactError} when the model does not fit the declaration, or cannot take the samples.
 * @throws {ModelRunError} when it fails on an example.
 * @throws {InputError} `input.missing` when there are no examples of that time.
 */
export async function buildVersion(options: BuildVersionOptions): Promise<BuiltVersion> {
  const { champion, model, load } = options;
  const declaration = champion.get("model.json");
  if (declaration === undefined)
    throw new ModelArtifactError("model.json: missing from the champion's package", {
      code: "model.package",
    });
  const { bytes } = normaliseModel(model);
  const bare: PackageFiles = new Map([
    ["model.json", declaration],
    ["model.onnx", bytes],
  ]);
  const loaded = await loadModel(packageDigest(bare), bare, load);
  try {
    const samples = await answerSamples(loaded, champion.get("samples.jsonl"));
    const layout = storedLayoutOf(loaded.package, loaded.program.encoder.layout);
    const reference = await makeReference({
      model: loaded,
      examples: fitting(options.examples, layout),
      fromMs: options.fromMs,
      toMs: options.toMs + 1,
    });
    const files = packaged({
      ...Object.fromEntries(bare),
      ...samples,
      "reference.json": jsonBytes(reference),
    });
    const digest = packageDigest(files);
    await assertLoads(digest, files, load);
    const source = new Map(files).set("model.onnx", model);
    return { files, digest, sourceDigest: packageDigest(source), layout };
  } finally {
    await loaded.session.release();
  }
}

type FilesByName = Partial<Record<PackageFileName, Uint8Array>>;

function packaged(files: FilesByName): PackageFiles {
  return new Map(
    packageFileNames.flatMap((name): [PackageFileName, Uint8Array][] =>
      files[name] === undefined ? [] : [[name, files[name]]],
    ),
  );
}

/** What the new model says of the events that the champion's samples are of. */
async function answerSamples(model: LoadedModel, bytes: Uint8Array | undefined): Promise<FilesByName> {
  const samples = parseSamples(bytes);
  if (samples.length === 0) return {};
  const answers = await predictEvents(
    model,
    samples.map(({ event, features }) => ({ payload: Buffer.from(JSON.stringify(event)), features })),
  );
  const lines = samples.map(({ event, features }, i) => {
    const answer = answers[i]!;
    if ("outputs" in answer)
      return JSON.stringify({ event, ...(features && { features }), outputs: answer.outputs });
    throw new ModelArtifactError(
      `model.onnx: got no answer to sample ${i + 1} (${answer.message}), expected one as the champion gives; check the training`,
      { code: "model.samples", details: { problem: answer } },
    );
  });
  return { "samples.jsonl": Buffer.from(`${lines.join("\n")}\n`) };
}

function parseSamples(bytes: Uint8Array | undefined): Sample[] {
  const text = bytes === undefined ? "" : new TextDecoder().decode(bytes);
  // They were read when the champion was published.
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => sample.parse(JSON.parse(line)));
}

/** Without those that have not these features, which were no rows to train on either. */
async function* fitting(
  examples: AsyncIterable<CountedExample>,
  layout: StoredLayout | undefined,
): AsyncGenerator<CountedExample> {
  for await (const each of examples) {
    const isFit = layout?.features.every(({ name, width }) => {
      const value = each.features[name];
      return (Array.isArray(value) ? value.length : typeof value === "number" ? 1 : 0) === width;
    });
    if (isFit !== false) yield each;
  }
}

async function assertLoads(digest: ModelDigest, files: PackageFiles, load: LoadOptions): Promise<void> {
  const { session } = await loadModel(digest, files, load);
  await session.release();
}

function jsonBytes(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}
