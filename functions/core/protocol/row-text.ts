import { ModelRunError } from "../errors.ts";
import type { OutputEncoder } from "../inference/output-encoder.ts";
import type { Tensor, TensorSpec } from "../inference/tensor.ts";
import { elementJson } from "./element-json.ts";

/** Stands between the outputs of a row; JSON text without spaces has no line end. */
const separator = "\n";

/**
 * Rows of the model's own outputs as text: per output the shape of the row and its elements, `2,3:1,2,3,4,5,6`.
 *
 * What a row says depends on that row alone, so it can be cached and put together with others.
 */
export function createRowText(outputNames: readonly string[]): OutputEncoder {
  // All rows of a run have the shape of its tensors, so what stands before their elements is made once a run.
  let prefixed: Readonly<Record<string, Tensor>> | undefined;
  let prefixes: readonly string[] = [];
  return {
    tensorNames: outputNames,
    encode(tensors, row, rowCount) {
      if (tensors !== prefixed) {
        prefixed = tensors;
        prefixes = outputNames.map((name, i) => {
          const rowShape = tensors[name]!.shape.slice(1).join(",");
          return `${i === 0 ? "" : separator}${rowShape}:`;
        });
      }
      let text = "";
      for (let i = 0; i < outputNames.length; i++) {
        text += prefixes[i]! + elementsOf(tensors[outputNames[i]!]!, row, rowCount);
      }
      return text;
    },
  };
}

function elementsOf({ type, data }: Tensor, row: number, rowCount: number): string {
  const { write } = elementJson[type];
  const width = data.length / rowCount;
  let text = "";
  for (let at = row * width; at < (row + 1) * width; at++) {
    text += at === row * width ? write(data, at) : `,${write(data, at)}`;
  }
  return text;
}

/**
 * Put rows together as the protocol's outputs: the JSON text of `[{name, shape, datatype, data}, …]`.
 *
 * @param specs - the outputs, in the order the rows have them.
 * @param rows - texts of `createRowText`, at least one.
 * @throws {ModelRunError} `run.output` when rows of one output differ in shape.
 */
export function joinRows(specs: readonly TensorSpec[], rows: readonly string[]): string {
  const parts = specs.length === 1 ? [rows] : splitRows(specs.length, rows);
  return `[${specs.map((spec, i) => joinOutput(spec, parts[i]!)).join(",")}]`;
}

function splitRows(count: number, rows: readonly string[]): string[][] {
  const parts = Array.from({ length: count }, (): string[] => []);
  for (const row of rows) {
    let from = 0;
    for (let i = 0; i < count - 1; i++) {
      const end = row.indexOf(separator, from);
      parts[i]!.push(row.slice(from, end));
      from = end + 1;
    }
    parts[count - 1]!.push(row.slice(from));
  }
  return parts;
}

function joinOutput({ name, type }: TensorSpec, rows: readonly string[]): string {
  const end = rows[0]!.indexOf(":") + 1;
  const prefix = rows[0]!.slice(0, end);
  let data = "";
  for (const row of rows) {
    if (!row.startsWith(prefix)) throw differentShapes(name);
    // Rows without elements leave no comma.
    if (row.length > end) data += data === "" ? row.slice(end) : `,${row.slice(end)}`;
  }
  const rowShape = prefix.slice(0, -1);
  const shape = rowShape === "" ? String(rows.length) : `${rows.length},${rowShape}`;
  return `{"name":${JSON.stringify(name)},"shape":[${shape}],"datatype":"${elementJson[type].datatype}","data":[${data}]}`;
}

function differentShapes(name: string): ModelRunError {
  return new ModelRunError(
    `model output "${name}": got rows of different shapes, expected one shape; send the rows one by one, or export the model with a fixed row`,
    { code: "run.output" },
  );
}
