import type { ModelPackage } from "../../contract/model-package.ts";
import { storesPredictions } from "../../contract/package-problems.ts";
import { compileCondition, type Matcher } from "../decode/condition.ts";
import { createEventReader, type EventReader } from "../decode/event-reader.ts";
import { createFieldIndex } from "../decode/field-index.ts";
import { createPayloadDecoder, type PayloadDecoder } from "../decode/payload.ts";
import { ModelArtifactError } from "../errors.ts";
import { compileRowEncoder, type RowEncoder } from "../features/row-encoder.ts";
import { compileOutcome, type OutcomeProgram } from "../outcome/outcome-program.ts";
import { compileIdentity, type IdentityReader } from "../prediction/event-identity.ts";
import type { Conceal } from "../private/concealer.ts";
import { compileSegments, type SegmentReader } from "../rollout/segments.ts";
import { compileViews, type ViewProgram } from "../views/view-program.ts";
import { compileWindowedColumns, type WindowedColumns } from "../views/windowed-columns.ts";
import type { ModelSession } from "./model-session.ts";
import { compileOutputs, type OutputEncoder } from "./output-encoder.ts";

/** A package compiled against its model: everything between an event's bytes and a prediction's text. */
export interface ModelProgram {
  readonly payloads: PayloadDecoder;
  readonly reader: EventReader;
  /** Whether the event that was read last asks for a prediction. */
  readonly asks: Matcher;
  readonly identity: IdentityReader;
  readonly encoder: RowEncoder;
  readonly views: ViewProgram;
  /** Writes what was read from views into a row. */
  readonly windowed: WindowedColumns;
  /** Absent where the package declares no outcome. */
  readonly outcome: OutcomeProgram | undefined;
  readonly outputs: OutputEncoder;
  readonly segments: SegmentReader;
}

/**
 * Compile a package.
 *
 * @param conceal - what stands for a private id or key; needed where the package declares any and events are read.
 * @throws {ModelArtifactError} `model.package` when declaration and model do not fit; `details.problems` lists every
 *   reason.
 */
export function compileProgram(
  pkg: ModelPackage,
  { inputs, outputs }: Pick<ModelSession, "inputs" | "outputs">,
  conceal?: Conceal,
): ModelProgram {
  const index = createFieldIndex();
  const asks = compileCondition(pkg.predictOn, index);
  const identity = compileIdentity(pkg, index, conceal);
  const views = compileViews(pkg, index, { conceal });
  const outcome = compileOutcome(pkg, index, { conceal });
  const row = compileRowEncoder(pkg, inputs, index);
  const output = compileOutputs(pkg.outputs, outputs);
  const segments = compileSegments(pkg, index);
  const windowed = compileWindowed(pkg, views, row);
  const problems = [
    ...row.problems,
    ...windowed.problems,
    ...output.problems,
    ...keepProblems(pkg, row.encoder),
  ];
  if (problems.length > 0) {
    throw new ModelArtifactError(`package "${pkg.name}" does not fit its model: ${problems.join(" | ")}`, {
      code: "model.package",
      details: { problems },
    });
  }
  return {
    payloads: createPayloadDecoder(pkg.limits.eventBytes),
    reader: createEventReader(index.specs),
    asks,
    identity,
    encoder: row.encoder,
    views,
    windowed: windowed.columns,
    outcome,
    outputs: output.encoder,
    segments,
  };
}

function compileWindowed(
  { features }: ModelPackage,
  { windows }: ViewProgram,
  { encoder: { layout }, problems }: ReturnType<typeof compileRowEncoder>,
) {
  // A layout with problems places nothing; those are told, and the package goes no further.
  if (problems.length > 0) return compileWindowedColumns([], []);
  const names = Object.keys(features);
  const places = windows.map(({ name }) => {
    const feature = names.indexOf(name);
    const { input, column } = layout.placements[feature]!;
    const { width, type } = layout.inputs[input]!;
    return { feature, input, column, width, type };
  });
  return compileWindowedColumns(windows, places);
}

/** A stored row is bytes of a fixed width, which text has not. */
function keepProblems(pkg: ModelPackage, { layout }: RowEncoder): string[] {
  const texts = layout.inputs.filter(({ type }) => type === "string");
  if (!storesPredictions(pkg) || texts.length === 0) return [];
  return [
    `${pkg.keep ? "keep" : "views, outcome"}: the features of ${texts.map(({ name }) => `"${name}"`).join(", ")} are text, and only rows of numbers can be kept; ${pkg.keep ? 'set "keep" to false' : "take them out"}`,
  ];
}
