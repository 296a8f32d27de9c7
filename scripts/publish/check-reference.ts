import type { ModelPackage } from "../../functions/contract/model-package.ts";
import { reference } from "../../functions/contract/reference.ts";
import { InvariantError } from "../../functions/core/errors.ts";
import type { ModelProgram } from "../../functions/core/inference/model-program.ts";
import type { ModelSession } from "../../functions/core/inference/model-session.ts";
import type { Sketch } from "../../functions/core/monitor/sketch.ts";
import { decodeSketch } from "../../functions/core/monitor/sketch-codec.ts";
import { compileSketch, type SketchProgram } from "../../functions/core/monitor/sketch-program.ts";
import { parseJsonText } from "./json-text.ts";
import type { Problem } from "./problem.ts";
import { schemaProblems } from "./schema-problems.ts";

const file = "reference.json";
const remedy = "make it anew with npm run reference";

/** What of a package's `reference.json` can be said without its model. */
export function referenceProblems(bytes: Buffer): readonly Problem[] {
  const parsed = parseJsonText(bytes.toString("utf8"));
  const found = parsed.ok
    ? schemaProblems(reference, parsed.json.value, parsed.json.lineOf)
    : parsed.problems;
  return found.map((each) => ({ ...each, file }));
}

/** Whether what a sound `reference.json` counts is what is counted of the model. */
export function referenceMisfits(
  bytes: Buffer,
  declared: ModelPackage,
  { program, session }: { readonly program: ModelProgram; readonly session: ModelSession },
): readonly Problem[] {
  const { rows, sketch, windows } = reference.parse(JSON.parse(bytes.toString("utf8")));
  const expected = compileSketch({
    package: declared,
    layout: program.encoder.layout,
    outputs: session.outputs,
  });
  const names = Object.keys(declared.features);
  const whole = misfitsOf({ rows, sketch }, "sketch", { expected, names });
  // Windows are told once: what is wrong with one is wrong with all.
  const first = windows.flatMap((each, i) => misfitsOf(each, `windows[${i}].sketch`, { expected, names }))[0];
  return whole.length === 0 && first !== undefined ? [first] : whole;
}

function misfitsOf(
  { rows, sketch }: { readonly rows: number; readonly sketch: string },
  at: string,
  { expected, names }: { readonly expected: SketchProgram; readonly names: readonly string[] },
): readonly Problem[] {
  let found: Sketch;
  try {
    found = decodeSketch(Buffer.from(sketch, "base64"));
  } catch (error) {
    if (!(error instanceof InvariantError)) throw error;
    return [{ file, message: `${at}: ${error.message}; ${remedy}` }];
  }
  const { features, scores } = found;
  const problem = (message: string): Problem => ({ file, message: `${at}: ${message}; ${remedy}` });
  if (found.rows !== rows) return [problem(`got ${found.rows} rows, expected ${rows} as "rows" says`)];
  if (features.length !== expected.kinds.length)
    return [problem(`got ${features.length} features, expected ${expected.kinds.length}`)];
  if (scores.length !== expected.scoreCount)
    return [problem(`got ${scores.length} scores a row, expected ${expected.scoreCount}`)];
  return expected.kinds.flatMap((kind, i) =>
    kind === features[i]!.kind
      ? []
      : [problem(`feature "${names[i]}": got a ${features[i]!.kind}, expected a ${kind}`)],
  );
}
