import { httpLimits } from "../../contract/http.ts";
import { type InferRequest, inferRequest } from "../../contract/oip.ts";
import { type ErrorCode, InputError } from "../errors.ts";
import type { InputLayout, RowLayout } from "../features/row-layout.ts";
import type { TensorSpec } from "../inference/tensor.ts";
import { elementJson } from "./element-json.ts";
import { flattenTensor } from "./flatten-tensor.ts";
import { parseJson, parseLossless } from "./parse-lossless.ts";
import { badRequest, cut, maxProblems, parseRequest } from "./schema-problems.ts";

/** A request to infer, checked against the model; its elements are still JSON values. */
export interface TensorRequest {
  readonly id: string | undefined;
  /** What the rows are about, as `parameters.entity` says: decides who answers while there is more than one version. */
  readonly entity: string | undefined;
  readonly rowCount: number;
  /** Per input of the layout: its elements, flat, row-major. */
  readonly elements: readonly (readonly unknown[])[];
  /** The outputs wanted, in the order to answer in. */
  readonly outputNames: readonly string[];
}

/**
 * Read a request of the Open Inference Protocol.
 *
 * @param text - the body.
 * @param layout - the model's inputs; a request brings each of them, with the same number of rows.
 * @param outputs - the model's outputs; a request that names none wants them all.
 * @throws {InputError} with every problem found, `details.problems`.
 */
export function parseInferRequest(
  text: string,
  { inputs }: RowLayout,
  outputs: readonly TensorSpec[],
): TensorRequest {
  const isWide = inputs.some(({ type }) => type === "int64" || type === "uint64");
  const request = parseRequest(inferRequest, isWide ? parseLossless(text) : parseJson(text));
  const problems: { code: ErrorCode; message: string }[] = [];
  const note = (code: ErrorCode, message: string) => problems.push({ code, message });
  const names = new Set(inputs.map(({ name }) => name));
  for (const { name } of request.inputs) {
    if (!names.has(name)) {
      note("input.shape", `input "${cut(name)}": the model has no such input, only ${[...names].join(", ")}`);
    }
  }
  const elements = inputs.map((input) => {
    const given = request.inputs.filter(({ name }) => name === input.name);
    if (given.length !== 1) {
      note(
        given.length === 0 ? "input.missing" : "input.shape",
        `input "${input.name}": got ${given.length === 0 ? "nothing" : `${given.length} of it`}, expected ${describe(input)}`,
      );
      return [];
    }
    return elementsOf(given[0]!, input, note);
  });
  const rowCount = request.inputs[0]!.shape[0] ?? 0;
  if (problems.length === 0) checkRows(request, rowCount, note);
  const outputNames = wantedOutputs(request, outputs, note);
  const entity = entityOf(request, note);
  if (problems.length > 0) {
    throw badRequest(
      problems.slice(0, maxProblems).map(({ message }) => message),
      problems[0]!.code,
    );
  }
  return { id: request.id, entity, rowCount, elements, outputNames };
}

type Note = (code: ErrorCode, message: string) => void;
type GivenInput = InferRequest["inputs"][number];

function elementsOf(given: GivenInput, input: InputLayout, note: Note): readonly unknown[] {
  const at = `input "${input.name}"`;
  const { datatype } = elementJson[input.type];
  if (given.datatype !== datatype) {
    note("input.type", `${at}: got datatype ${given.datatype}, expected ${datatype}`);
    return [];
  }
  const { shape } = given;
  const fits =
    shape.length === input.rowShape.length + 1 &&
    input.rowShape.every((size, axis) => size === shape[axis + 1]);
  if (!fits) {
    note("input.shape", `${at}: got shape [${shape.join(", ")}], expected ${describe(input)}`);
    return [];
  }
  if (shape[0]! > httpLimits.rows) throw tooManyRows(shape[0]!);
  const flat = flattenTensor(given.data, shape);
  if (flat === undefined) {
    const got = Array.isArray(given.data) ? "a list of another form" : "no list";
    note(
      "input.shape",
      `${at}: got ${got} as data, expected a flat list of ${shape[0]! * input.width} elements or lists nested by the shape [${shape.join(", ")}]`,
    );
    return [];
  }
  return flat;
}

/** Every input has the same rows: one prediction each. */
function checkRows({ inputs }: InferRequest, rowCount: number, note: Note): void {
  if (rowCount === 0) note("input.shape", "inputs: got no rows, expected at least one");
  const other = inputs.find(({ shape }) => shape[0] !== rowCount);
  if (other === undefined) return;
  note(
    "input.shape",
    `inputs: got ${rowCount} row(s) of "${cut(inputs[0]!.name)}" and ${other.shape[0]} of "${cut(other.name)}", expected the same of all`,
  );
}

/** A number is taken as its text, as it is of an event. */
function entityOf({ parameters }: InferRequest, note: Note): string | undefined {
  const entity = parameters?.entity;
  if (typeof entity !== "boolean") return entity === undefined ? undefined : String(entity);
  note("input.type", `parameters.entity: got ${entity}, expected a string`);
  return undefined;
}

function wantedOutputs(
  { outputs: wanted }: InferRequest,
  outputs: readonly TensorSpec[],
  note: Note,
): string[] {
  const names = outputs.map(({ name }) => name);
  if (wanted === undefined || wanted.length === 0) return names;
  for (const { name } of wanted) {
    if (!names.includes(name)) {
      note("input.shape", `output "${cut(name)}": the model has no such output, only ${names.join(", ")}`);
    }
  }
  return [...new Set(wanted.map(({ name }) => name))];
}

/** @returns the error for more rows than one request may bring. */
export function tooManyRows(rowCount: number): InputError {
  return new InputError(
    `request: got ${rowCount} rows, expected at most ${httpLimits.rows}; send them in several requests`,
    { code: "input.too_large", details: { maxRows: httpLimits.rows } },
  );
}

function describe({ type, rowShape }: InputLayout): string {
  return `${elementJson[type].datatype} [${["N", ...rowShape].join(", ")}]`;
}
