import { ModelRunError } from "../errors.ts";
import type { ElementArray } from "../features/row-buffers.ts";
import type { ChunkPredictor } from "../inference/chunk-predictor.ts";
import type { LoadedModel } from "../inference/loaded-model.ts";
import type { RowResult } from "../inference/run-rows.ts";
import { type ElementJson, elementJson } from "./element-json.ts";
import type { TensorRequest } from "./infer-request.ts";
import { createRowText, joinRows } from "./row-text.ts";
import { badRequest, cut, maxProblems } from "./schema-problems.ts";

/** Answers tensors with tensors, by one version of a model. */
export interface TensorPredictor {
  /**
   * @returns the outputs as the JSON text of the protocol's list, rows in the request's order.
   * @throws {InputError} `input.range` when an element is not what its input holds.
   * @throws {ModelRunError} when a row cannot be answered: the protocol has no answer for a part of a request, so the
   *   whole of it fails; `details.rows` names the guilty ones.
   */
  infer(request: TensorRequest): Promise<string>;
}

/** Choices of outputs that are remembered; a client asks for the same ones again and again. */
const maxPredictors = 16;
/** Guilty rows that an error names. */
const maxGuiltyRows = 16;

export function createTensorPredictor(model: LoadedModel): TensorPredictor {
  const { session, buffers } = model;
  const { inputs } = model.program.encoder.layout;
  const columns = inputs.map(({ name, type, width }, i) => ({
    name,
    width,
    array: buffers.arrays[i]!,
    json: elementJson[type],
  }));
  const specs = new Map(session.outputs.map((spec) => [spec.name, spec]));
  const predictors = new Map<string, ChunkPredictor>();

  return { infer };

  async function infer({ rowCount, elements, outputNames }: TensorRequest): Promise<string> {
    const predictor = predictorOf(outputNames);
    const rows: string[] = [];
    const failures: { row: number; error: ModelRunError }[] = [];
    for (let from = 0; from < rowCount; from += buffers.capacity) {
      const count = Math.min(buffers.capacity, rowCount - from);
      writeRows(elements, from, count);
      (await predictor.predict(count)).forEach((result: RowResult, i) => {
        if (typeof result === "string") rows.push(result);
        else failures.push({ row: from + i, error: result });
      });
    }
    if (failures.length > 0) throw rowsFailed(failures, rowCount);
    return joinRows(
      outputNames.map((name) => specs.get(name)!),
      rows,
    );
  }

  function writeRows(elements: TensorRequest["elements"], from: number, count: number): void {
    const problems = columns.flatMap((column, i) => writeColumn(column, elements[i]!, { from, count }));
    if (problems.length > 0) throw badRequest(problems.slice(0, maxProblems), "input.range");
  }

  function predictorOf(outputNames: readonly string[]): ChunkPredictor {
    const key = JSON.stringify(outputNames);
    const known = predictors.get(key);
    if (known !== undefined) return known;
    if (predictors.size === maxPredictors) predictors.delete(predictors.keys().next().value!);
    const predictor = model.makePredictor({ name: key, encoder: createRowText(outputNames) });
    predictors.set(key, predictor);
    return predictor;
  }
}

/** Write the rows `from` to `from + count` of one input to the top of its buffer; says what cannot be written. */
function writeColumn(
  column: {
    readonly name: string;
    readonly width: number;
    readonly array: ElementArray;
    readonly json: ElementJson;
  },
  elements: readonly unknown[],
  { from, count }: { readonly from: number; readonly count: number },
): string[] {
  const { name, width, array, json } = column;
  const start = from * width;
  const problems: string[] = [];
  const read = json.readMany?.(array, elements, { start, count: count * width }) ?? 0;
  for (let i = read; i < count * width; i++) {
    const value = elements[start + i];
    if (json.read(array, i, value) || problems.length === maxProblems) continue;
    const at = width === 1 ? `row ${from + i}` : `row ${from + Math.floor(i / width)}, element ${i % width}`;
    problems.push(`input "${name}", ${at}: got ${describe(value)}, expected ${json.expects}`);
  }
  return problems;
}

function describe(value: unknown): string {
  if (value !== null && typeof value === "object") return "an object";
  return typeof value === "string" ? cut(JSON.stringify(value)) : String(value);
}

/** Says which rows, and not what the runtime said of them: its words are for the logs. */
function rowsFailed(
  failures: readonly { readonly row: number; readonly error: ModelRunError }[],
  rowCount: number,
): ModelRunError {
  const rows = failures.slice(0, maxGuiltyRows).map(({ row }) => row);
  const { error } = failures[0]!;
  return new ModelRunError(
    `model: failed on ${failures.length} of ${rowCount} row(s): ${rows.join(", ")}${failures.length > rows.length ? ", …" : ""}; correct or leave out those rows`,
    { code: error.code, details: { rows, failedCount: failures.length }, cause: error },
  );
}
