import { type PackageFileName, packageFileNames } from "../../functions/contract/manifest.ts";
import { type ModelPackage, modelPackage } from "../../functions/contract/model-package.ts";
import { HeadraceError, ModelArtifactError } from "../../functions/core/errors.ts";
import type { InferenceEngine, ModelSession } from "../../functions/core/inference/model-session.ts";
import { packageDigest } from "../../functions/core/inference/package-digest.ts";
import { listOperators } from "../onnx/describe-model.ts";
import { normaliseModel } from "../onnx/normalise.ts";
import { type Answer, checkSampleNames, compareSamples, parseSamples, type Sample } from "./check-samples.ts";
import { parseJsonText } from "./json-text.ts";
import { formatProblem, type Problem } from "./problem.ts";
import type { PublishPlan } from "./publish-plan.ts";
import { readFolder } from "./read-folder.ts";
import { schemaProblems } from "./schema-problems.ts";
import { trialRun } from "./trial-run.ts";

/** What the checks lean on. */
export interface PackageChecks {
  readonly engine: InferenceEngine;
  /**
   * Make a package and its model ready to serve, by the very code that the stream function uses.
   *
   * @throws {ModelArtifactError} when declaration and model do not fit; `details.problems` lists every reason.
   */
  load(declared: ModelPackage, session: ModelSession): ServedModel;
}

export interface ServedModel {
  /**
   * Answer events as the stream function would.
   *
   * @param payloads - one event's bytes each; the result has one answer each, in order.
   */
  answer(payloads: readonly Buffer[]): Promise<readonly Answer[]>;
}

/**
 * Check a package folder whole, without writing anything.
 *
 * @throws {ModelArtifactError} `model.package` with everything that is wrong; `details.problems` lists it.
 */
export async function checkPackage(folder: string, checks: PackageChecks): Promise<PublishPlan> {
  const { files, problems } = await readFolder(folder);
  const warnings: string[] = [];
  const declared = readDeclaration(files.get("model.json"), problems);
  const samples = readSamples(files.get("samples.jsonl"), problems);
  checkReference(files.get("reference.json"), problems);
  if (declared !== undefined) problems.push(...checkSampleNames(samples, declared));
  if (samples.length === 0) {
    warnings.push("no samples.jsonl: nothing shows that the model answers as it did where it was trained");
  }

  const model = await openModel(files.get("model.onnx"), checks, problems);
  try {
    if (model !== undefined && declared !== undefined) {
      problems.push(...(await tryModel(declared, model.session, { samples, checks })));
    }
  } finally {
    await model?.session.release();
  }

  if (declared === undefined || model === undefined || problems.length > 0)
    throw badPackage(folder, problems);
  const published = new Map(inOrder(files).map(([name, bytes]) => [name, bytes as Uint8Array]));
  published.set("model.onnx", model.bytes);
  return Object.freeze({
    package: declared,
    files: published,
    digest: packageDigest(published),
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

/** What drift is measured against; its content is the monitoring's matter, here it only has to be JSON. */
function checkReference(bytes: Buffer | undefined, problems: Problem[]): void {
  if (bytes === undefined) return;
  const parsed = parseJsonText(bytes.toString("utf8"));
  if (!parsed.ok) problems.push(...parsed.problems.map((each) => ({ ...each, file: "reference.json" })));
}

async function openModel(
  source: Buffer | undefined,
  checks: PackageChecks,
  problems: Problem[],
): Promise<{ bytes: Uint8Array; changes: readonly string[]; session: ModelSession } | undefined> {
  if (source === undefined) return undefined;
  try {
    const { bytes, changes } = normaliseModel(source);
    try {
      return { bytes, changes, session: await checks.engine.createSession(bytes) };
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

/** Let the model serve: a declaration that does not fit it fails every sample for that same reason, so comes first. */
async function tryModel(
  declared: ModelPackage,
  session: ModelSession,
  { samples, checks }: { samples: readonly Sample[]; checks: PackageChecks },
): Promise<readonly Problem[]> {
  let served: ServedModel;
  try {
    served = checks.load(declared, session);
  } catch (error) {
    return misfits(error);
  }
  if (samples.length === 0) return trialRun(declared, session);
  try {
    const payloads = samples.map(({ event }) => Buffer.from(JSON.stringify(event)));
    return compareSamples(samples, await served.answer(payloads), declared.samplesTolerance);
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
