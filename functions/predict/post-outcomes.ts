import { httpLimits } from "../contract/http.ts";
import type { ModelPackage } from "../contract/model-package.ts";
import { createEventReader } from "../core/decode/event-reader.ts";
import { createFieldIndex } from "../core/decode/field-index.ts";
import { InputError, ModelNotFoundError } from "../core/errors.ts";
import type { Problem } from "../core/features/column.ts";
import { joinProblems } from "../core/inference/event-row.ts";
import type { EventRecord, EventStream } from "../core/outcome/event-stream.ts";
import { compileOutcome, nativeKey } from "../core/outcome/outcome-program.ts";

/** Puts outcomes that were posted on the events stream. @returns how many. */
export type OutcomePoster = (body: string) => Promise<number>;

/** One outcome of a request, as it goes on the stream, or why it cannot. */
type Read = EventRecord | Problem;

/** Faults told in one answer; the rest are counted. */
const maxProblemsTold = 100;

/**
 * Make what takes outcomes over HTTPS: each becomes a native outcome event, read here by the very reader that the stream
 * function reads it with, so that what was accepted is not rejected later.
 *
 * They go on the stream rather than into the tables, so that each shard keeps its one writer. All of a request are put,
 * or none where one is at fault; where the stream fails half way some may be in, and sending all of them again does no
 * harm: an outcome that repeats is counted as that and changes nothing.
 *
 * @throws {ModelNotFoundError} `model.version` where the package declares no outcome.
 */
export function createOutcomePoster(pkg: ModelPackage, stream: EventStream): OutcomePoster {
  const index = createFieldIndex();
  // Nothing is stored here, so that no id needs to be concealed; the stream function does that.
  const outcomes = compileOutcome(pkg, index, { conceal: (id) => id });
  if (outcomes === undefined) throw noOutcome(pkg.name);
  const reader = createEventReader(index.specs);
  const limitBytes = Math.min(pkg.limits.eventBytes, httpLimits.outcomeBytes);

  return async (body) => {
    const read = parseRequest(body).map(readOne);
    const problems = read.flatMap((each, i) => ("code" in each ? [{ index: i, ...each }] : []));
    if (problems.length > 0) throw atFault(problems, read.length);
    await stream.put(read as EventRecord[]);
    return read.length;
  };

  function readOne(given: unknown): Read {
    const shape = shapeProblem(given);
    if (shape !== undefined) return shape;
    const { id, label, time } = given as Record<string, unknown>;
    const data = JSON.stringify({ [nativeKey]: { model: pkg.name, id, label, time } });
    const bytes = Buffer.from(data);
    if (bytes.length > limitBytes) {
      return {
        code: "input.too_large",
        message: `outcome: got ${bytes.length} bytes, expected at most ${limitBytes}; send the id, the label and the time only`,
      };
    }
    reader.read(bytes);
    const fact = outcomes!.read(reader.fields);
    // Under the id's own key an event's outcomes stay in order, so that the first of two that differ is the same everywhere.
    return Array.isArray(fact) ? joinProblems(fact) : { partitionKey: fact.eventId, data };
  }
}

function parseRequest(body: string): readonly unknown[] {
  let request: unknown;
  try {
    request = JSON.parse(body);
  } catch (cause) {
    throw malformed("text that is not JSON", cause);
  }
  const given = isObject(request) && Object.keys(request).length === 1 ? request.outcomes : undefined;
  if (!Array.isArray(given) || given.length === 0) throw malformed("something else");
  if (given.length > httpLimits.outcomes) {
    throw new InputError(
      `request body: got ${given.length} outcomes, expected at most ${httpLimits.outcomes}; send them in several requests`,
      { code: "input.too_large", details: { maxOutcomes: httpLimits.outcomes } },
    );
  }
  return given;
}

const keys = ["id", "label", "time"];

function shapeProblem(given: unknown): Problem | undefined {
  const expected = 'expected {"id", "label", "time" (optional)}';
  if (!isObject(given)) {
    return { code: "input.malformed", message: `outcome: got no object, ${expected}` };
  }
  const unknown = Object.keys(given).filter((key) => !keys.includes(key));
  if (unknown.length === 0) return undefined;
  const named = unknown.slice(0, 3).map((key) => JSON.stringify(key.slice(0, 32)));
  return {
    code: "input.malformed",
    message: `outcome: got the unknown key ${named.join(", ")}, ${expected}; leave it out`,
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function atFault(problems: readonly ({ readonly index: number } & Problem)[], count: number): InputError {
  const told = problems
    .slice(0, maxProblemsTold)
    .map(({ index, code, message }) => ({ index, code, message }));
  const [{ index, code, message }] = told as [(typeof told)[0]];
  return new InputError(
    `outcomes: ${problems.length} of ${count} are at fault and none was put, the first at ${index}: ${message}`,
    { code, details: { count: problems.length, problems: told } },
  );
}

function malformed(got: string, cause?: unknown): InputError {
  return new InputError(
    `request body: got ${got}, expected {"outcomes": [{"id": …, "label": …, "time": …}, …]} with at least one and no other key; "time" may be left out`,
    { code: "input.malformed", cause },
  );
}

function noOutcome(model: string): ModelNotFoundError {
  return new ModelNotFoundError(
    `model "${model}": its champion declares no outcome; declare one in model.json and publish it`,
    { code: "model.version" },
  );
}
