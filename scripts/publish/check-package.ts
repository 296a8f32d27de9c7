import { type PackageFileName, packageFileNames } from "../../functions/contract/manifest.ts";
import { type ModelPackage, modelPackage } from "../../functions/contract/model-package.ts";
import { HeadraceError, ModelArtifactError } from "../../functions/core/errors.ts";
import { createRowBuffers } from "../../functions/core/features/row-buffers.ts";
import { compileProgram, type ModelProgram } from "../../functions/core/inference/model-program.ts";
import type { InferenceEngine, ModelSession } from "../../functions/core/inference/model-session.ts";
import { packageDigest } from "../../functions/core/inference/package-digest.ts";
import { storedLayoutOf } from "../../functions/core/outcome/stored-layout.ts";
import { normaliseModel } from "../../functions/core/train/onnx/normalise.ts";
import { listOperators } from "../onnx/describe-model.ts";
import { referenceMisfits, referenceProblems } from "./check-reference.ts";
import { checkSampleNames, checkSamples, parseSamples, type SampleLine } from "./check-samples.ts";
import { parseJsonText } from "./json-text.ts";
import { formatProblem, type Problem } from "./problem.ts";
import type { PublishPlan } from "./publish-plan.ts";
import { readFolder } from "./read-folder.ts";
import { schemaProblems } from "./schema-problems.ts";
import { trialRun } from "./trial-run.ts";

/**
 * Check a package folder whole, without writing anything.
 *
 * @param engine - the runtime that is to serve it.
 * @throws {ModelArtifactError} `model.package` with everything that is wrong; `details.problems` lists it.
 */
export async function checkPackage(folder: string, engine: InferenceEngine): Promise<PublishPlan> {
  const { files, problems } = await readFolder(folder);
  const warnings: string[] = [];
  const declared = readDeclaration(files.get("model.json"), problems);
  const samples = readSamples(files.get("samples.jsonl"), problems);
  const reference = readReference(files.get("reference.json"), problems);
  if (declared !== undefined) problems.push(...checkSampleNames(samples, declared));
  if (samples.length === 0) {
    warnings.push("no samples.jsonl: nothing shows that the model answers as it did where it was trained");
  }

  const model = await openModel(files.get("model.onnx"), engine, problems);
  let program: ModelProgram | undefined;
  try {
    if (model !== undefined && declared !== undefined) {
      program = fitProgram(declared, model.session, problems);
      if (program !== undefined) {
        problems.push(...(await tryModel(declared, model.session, { program, samples })));
        if (reference !== undefined)
          problems.push(...referenceMisfits(reference, declared, { program, session: model.session }));
      }
    }
  } finally {
    await model?.session.release();
  }

  if (declared === undefined || model === undefined || program === undefined || problems.length > 0)
    throw badPackage(folder, problems);
  const published = new Map(inOrder(files).map(([name, bytes]) => [name, bytes as Uint8Array]));
  published.set("model.onnx", model.bytes);
  return Object.freeze({
    package: declared,
    files: published,
    digest: packageDigest(published),
    layout: storedLayoutOf(declared, program.encoder.layout),
    sourceDigest: packageDigest(files),
    changes: model.changes,
    warnings,
    sampleCount: samples.length,
  });
}

function badPackage(folder: string, problems: readonly Problem[]): ModelArtifactError {
  const lines = problems.map(formatProblem);
  const count = lines.length === 1 ? "1 problem" : `${lines.length} problems`;
  return new ModelArtifactError(
    `package ${folder}: ${count}; nothing was published\n${lines.map((line) => `  ${line}`).join("\n")}`,
    { code: "model.package", details: { folder, problems: lines } },
  );
}

function inOrder(files: ReadonlyMap<PackageFileName, Buffer>): [PackageFileName, Buffer][] {
  return packageFileNames.flatMap((name) => {
    const bytes = files.get(name);
    return bytes === undefined ? [] : [[name, bytes] satisfies [PackageFileName, Buffer]];
  });
}

function readDeclaration(bytes: Buffer | undefined, problems: Problem[]): ModelPackage | undefined {
  if (bytes === undefined) return undefined;
  const parsed = parseJsonText(bytes.toString("utf8"));
  const found = parsed.ok
    ? schemaProblems(modelPackage, parsed.json.value, parsed.json.lineOf)
    : parsed.problems;
  problems.push(...found.map((each) => ({ ...each, file: "model.json" })));
  return parsed.ok && found.length === 0 ? modelPackage.parse(parsed.json.value) : undefined;
}

function readSamples(bytes: Buffer | undefined, problems: Problem[]) {
  if (bytes === undefined) return [];
  const read = parseSamples(bytes);
  problems.push(...read.problems);
  return read.samples;
}

/** @returns what drift is measured against, where it is sound in itself. */
function readReference(bytes: Buffer | undefined, problems: Problem[]): Buffer | undefined {
  const found = bytes === undefined ? [] : referenceProblems(bytes);
  problems.push(...found);
  return found.length === 0 ? bytes : undefined;
}

async function openModel(
  source: Buffer | undefined,
  engine: InferenceEngine,
  problems: Problem[],
): Promise<{ bytes: Uint8Array; changes: readonly string[]; session: ModelSession } | undefined> {
  if (source === undefined) return undefined;
  try {
    const { bytes, changes } = normaliseModel(source);
    try {
      return { bytes, changes, session: await engine.createSession(bytes) };
    } catch (error) {
      problems.push({
        file: "model.onnx",
        message: `${faultOf(error)}; it uses ${showOperators(bytes)}`,
      });
    }
  } catch (error) {
    problems.push({ file: "model.onnx", message: faultOf(error) });
  }
  return undefined;
}

function showOperators(model: Uint8Array): string {
  return listOperators(model)
    .map(({ domain, opType, version }) => `${domain}.${opType} (opset ${version ?? "not imported"})`)
    .join(", ");
}

/** A declaration that does not fit its model fails every sample for that same reason, so it comes first. */
function fitProgram(
  declared: ModelPackage,
  session: ModelSession,
  problems: Problem[],
): ModelProgram | undefined {
  try {
    return compileProgram(declared, session);
  } catch (error) {
    problems.push(...misfits(error));
    return undefined;
  }
}

/** Run the samples through the very code that the stream function serves with. */
async function tryModel(
  declared: ModelPackage,
  session: ModelSession,
  { program, samples }: { readonly program: ModelProgram; readonly samples: readonly SampleLine[] },
): Promise<readonly Problem[]> {
  if (samples.length === 0) return trialRun(declared, session);
  const buffers = createRowBuffers(program.encoder.layout, declared.limits.chunkRows);
  try {
    return await checkSamples(samples, { program, session, buffers }, declared.samplesTolerance);
  } catch (error) {
    return [{ file: "samples.jsonl", message: `the samples cannot be run: ${faultOf(error)}` }];
  }
}

function misfits(error: unknown): readonly Problem[] {
  const message = faultOf(error);
  const { problems } = (error as HeadraceError).details;
  const messages = Array.isArray(problems) ? problems.map(String) : [message];
  return messages.map((each) => ({ file: "model.json", message: each }));
}

/** The message of an error that is about the package; any other is a bug of ours or a failing machine, and goes on. */
function faultOf(error: unknown): string {
  const isOurs = error instanceof HeadraceError && error.code !== "bug" && !error.retryable;
  if (!isOurs) throw error;
  return error.message;
}
