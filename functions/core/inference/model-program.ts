import type { ModelPackage } from "../../contract/model-package.ts";
import { compileCondition, type Matcher } from "../decode/condition.ts";
import { createEventReader, type EventReader } from "../decode/event-reader.ts";
import { createFieldIndex } from "../decode/field-index.ts";
import { createPayloadDecoder, type PayloadDecoder } from "../decode/payload.ts";
import { ModelArtifactError } from "../errors.ts";
import { compileRowEncoder, type RowEncoder } from "../features/row-encoder.ts";
import { compileIdentity, type IdentityReader } from "../prediction/event-identity.ts";
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
  readonly outputs: OutputEncoder;
}

/**
 * Compile a package.
 *
 * @throws {ModelArtifactError} `model.package` when declaration and model do not fit; `details.problems` lists every
 *   reason.
 */
export function compileProgram(
  pkg: ModelPackage,
  { inputs, outputs }: Pick<ModelSession, "inputs" | "outputs">,
): ModelProgram {
  const index = createFieldIndex();
  const asks = compileCondition(pkg.predictOn, index);
  const identity = compileIdentity(pkg, index);
  const row = compileRowEncoder(pkg, inputs, index);
  const output = compileOutputs(pkg.outputs, outputs);
  const problems = [...row.problems, ...output.problems, ...keepProblems(pkg, row.encoder)];
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
    outputs: output.encoder,
  };
}

/** A stored row is bytes of a fixed width, which text has not. */
function keepProblems(pkg: ModelPackage, { layout }: RowEncoder): string[] {
  const texts = layout.inputs.filter(({ type }) => type === "string");
  if (!pkg.keep || texts.length === 0) return [];
  return [
    `keep: the features of ${texts.map(({ name }) => `"${name}"`).join(", ")} are text, and only rows of numbers can be kept; set "keep" to false`,
  ];
}
