import type { Output, Outputs } from "../../contract/output.ts";
import { sizeOf } from "../decode/fields.ts";
import type { Tensor, TensorSpec } from "./tensor.ts";

/** A package's outputs, compiled: turns a row of the model's outputs into JSON. */
export interface OutputEncoder {
  /** The model outputs to ask for. */
  readonly tensorNames: readonly string[];
  /**
   * @param tensors - by name, each with rows along its first axis.
   * @param row - which row.
   * @param rowCount - rows that were run.
   * @returns the outputs as a JSON object's text; undefined where a number is not finite, which JSON cannot carry, or
   *   where the row has not the element or the width that an output needs.
   */
  encode(tensors: Readonly<Record<string, Tensor>>, row: number, rowCount: number): string | undefined;
}

/** @returns the encoder, and every problem of the declaration; with a problem the encoder is not usable. */
export function compileOutputs(
  outputs: Outputs,
  specs: readonly TensorSpec[],
): { encoder: OutputEncoder; problems: string[] } {
  const byName = new Map(specs.map((spec) => [spec.name, spec]));
  const problems = Object.entries(outputs).flatMap(([name, output]) =>
    outputProblems(name, output, { outputs, byName }),
  );
  const writers = Object.entries(outputs).map(([name, output], i) => ({
    key: `${i === 0 ? "{" : ","}${JSON.stringify(name)}:`,
    write: writerOf(output, outputs),
  }));
  const tensorNames = [
    ...new Set(Object.values(outputs).flatMap((output) => ("from" in output ? [output.from] : []))),
  ];

  return {
    problems,
    encoder: {
      tensorNames,
      encode(tensors, row, rowCount) {
        let text = "";
        for (const { key, write } of writers) {
          const value = write(tensors, row, rowCount);
          if (value === undefined) return undefined;
          text += key + value;
        }
        return `${text}}`;
      },
    },
  };
}

type Writer = (
  tensors: Readonly<Record<string, Tensor>>,
  row: number,
  rowCount: number,
) => string | undefined;

function writerOf(output: Output, outputs: Outputs): Writer {
  if ("from" in output) {
    const { from, index } = output;
    return index === undefined
      ? (tensors, row, rowCount) => writeRow(tensors[from]!, row, rowCount)
      : (tensors, row, rowCount) =>
          writeElement(tensors[from]!, placeOf(tensors[from]!, { row, rowCount, index }));
  }
  const { from, index } = sourceOf(output.of, outputs);
  const names = output.names.map((name) => JSON.stringify(name));
  if ("threshold" in output) {
    const { threshold } = output;
    return (tensors, row, rowCount) => {
      const tensor = tensors[from]!;
      const value = Number(tensor.data[placeOf(tensor, { row, rowCount, index })]);
      return Number.isNaN(value) ? undefined : names[value >= threshold ? 1 : 0];
    };
  }
  return (tensors, row, rowCount) => names[argmax(tensors[from]!, row, rowCount)];
}

function sourceOf(name: string, outputs: Outputs): { from: string; index?: number } {
  const source = outputs[name];
  // The contract's schema has made sure of it; outputProblems says the rest.
  return source !== undefined && "from" in source ? source : { from: name };
}

function writeRow(tensor: Tensor, row: number, rowCount: number): string | undefined {
  const width = tensor.data.length / rowCount;
  if (width === 1) return writeElement(tensor, row);
  let text = "[";
  for (let i = 0; i < width; i++) {
    const element = writeElement(tensor, row * width + i);
    if (element === undefined) return undefined;
    text += i === 0 ? element : `,${element}`;
  }
  return `${text}]`;
}

/**
 * Where an element of a row stands; -1, where nothing stands, if the row is too short for `index`, or has more than
 * one element and no index says which. A model may leave its width open until it runs.
 */
function placeOf(
  { data }: Tensor,
  { row, rowCount, index }: { row: number; rowCount: number; index: number | undefined },
): number {
  const width = data.length / rowCount;
  if (index === undefined) return width === 1 ? row : -1;
  return index < width ? row * width + index : -1;
}

function writeElement({ data }: Tensor, at: number): string | undefined {
  const value = data[at];
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : undefined;
  // 64-bit integers beyond what a JSON number keeps are written as strings.
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? String(value) : `"${value}"`;
  return value === undefined ? undefined : JSON.stringify(value);
}

/** Position of the greatest element of a row, the first of equals. */
function argmax({ data }: Tensor, row: number, rowCount: number): number {
  const width = data.length / rowCount;
  let best = -1;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < width; i++) {
    const value = Number(data[row * width + i]);
    if (value > greatest || (best < 0 && value === greatest)) {
      greatest = value;
      best = i;
    }
  }
  return best;
}

function outputProblems(
  name: string,
  output: Output,
  context: { outputs: Outputs; byName: ReadonlyMap<string, TensorSpec> },
): string[] {
  const source = "from" in output ? output : sourceOf(output.of, context.outputs);
  const spec = context.byName.get(source.from);
  if (spec === undefined) {
    if (!("from" in output)) return [];
    const known = [...context.byName.keys()].map((each) => `"${each}"`).join(", ");
    return [`output "${name}": the model has no output "${source.from}", only ${known}; correct "from"`];
  }
  const problems: string[] = [];
  const shape = `${spec.type} [${spec.shape.map((size) => size ?? "N").join(", ")}]`;
  const width = spec.shape.slice(1).includes(null) ? undefined : sizeOf(spec.shape.slice(1) as number[]);
  if (spec.shape.length === 0)
    problems.push(
      `output "${name}": "${source.from}" is a scalar for the whole batch, expected one row per event`,
    );
  if (source.index !== undefined && width !== undefined && source.index >= width) {
    problems.push(
      `output "${name}": index ${source.index} is outside a row of "${source.from}" (${shape}), expected 0 to ${width - 1}`,
    );
  }
  if (!("from" in output)) {
    if (spec.type === "string")
      problems.push(`output "${name}": "${source.from}" is text, a label needs numbers`);
    if ("threshold" in output && source.index === undefined && width !== undefined && width > 1) {
      problems.push(
        `output "${name}": a threshold needs one number, "${output.of}" is a row of ${width}; give it an "index"`,
      );
    }
    if (
      !("threshold" in output) &&
      (source.index !== undefined || (width !== undefined && width !== output.names.length))
    ) {
      const got = source.index === undefined ? width : 1;
      problems.push(
        `output "${name}": ${output.names.length} names for ${got} value(s) of "${output.of}"; give one name each`,
      );
    }
  }
  return problems;
}
