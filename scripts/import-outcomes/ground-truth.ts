import * as z from "zod/mini";
import type { ModelPackage } from "../../functions/contract/model-package.ts";
import { type LabelRule, labelKind } from "../../functions/contract/outcome.ts";
import { createEventReader } from "../../functions/core/decode/event-reader.ts";
import { createFieldIndex } from "../../functions/core/decode/field-index.ts";
import { joinProblems } from "../../functions/core/inference/event-row.ts";
import { compileOutcome, nativeKey } from "../../functions/core/outcome/outcome-program.ts";
import type { OutgoingEvent } from "../replay/put-events.ts";

/** Turns a line of ground truth into an event for the stream. @throws {Error} saying what is wrong with the line */
export type GroundTruthReader = (line: string) => OutgoingEvent;

/** One line of SageMaker's ground truth; what else it holds is of no matter here. */
const groundTruth = z.object({
  groundTruthData: z.object({ data: z.string(), encoding: z.string() }),
  eventMetadata: z.object({ eventId: z.string() }),
  eventVersion: z.literal("0"),
});

const expected =
  '{"groundTruthData": {"data": "1", "encoding": "CSV"}, "eventMetadata": {"eventId": "…"}, "eventVersion": "0"}';

/**
 * Make a reader of SageMaker Model Monitor's ground truth, as JSON Lines.
 *
 * Each line becomes a native outcome event, read here by the very reader that the stream function reads it with, so that
 * what is put is not rejected later.
 *
 * @param time - when all of it came true, as ISO 8601; undefined: when it arrives on the stream.
 * @throws {Error} where the package declares no outcome.
 * @see Amazon SageMaker AI developer guide, "Ingest ground truth labels and merge them with predictions"
 */
export function createGroundTruthReader(pkg: ModelPackage, time: string | undefined): GroundTruthReader {
  const index = createFieldIndex();
  // Nothing is stored here, so that no id needs to be concealed; the stream function does that.
  const program = compileOutcome(pkg, index, { conceal: (id) => id });
  if (program === undefined) {
    throw new Error(
      `model "${pkg.name}": its champion declares no outcome; declare one in model.json and publish it`,
    );
  }
  const reader = createEventReader(index.specs);
  const rule = pkg.outcome!.label;

  return (line) => {
    const { groundTruthData, eventMetadata } = parseLine(line);
    if (groundTruthData.encoding.toUpperCase() !== "CSV")
      throw new Error(
        `encoding: got "${groundTruthData.encoding}", expected CSV, with the label alone in data`,
      );
    const label = labelOf(fieldOf(groundTruthData.data), rule);
    const data = Buffer.from(
      JSON.stringify({ [nativeKey]: { model: pkg.name, id: eventMetadata.eventId, label, time } }),
    );
    if (data.length > pkg.limits.eventBytes)
      throw new Error(`got an event of ${data.length} bytes, expected at most ${pkg.limits.eventBytes}`);
    reader.read(data);
    const fact = program.read(reader.fields);
    if (Array.isArray(fact)) throw new Error(joinProblems(fact).message);
    return { id: fact.eventId, partitionKey: fact.eventId, data };
  };
}

function parseLine(line: string): z.infer<typeof groundTruth> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new Error(`got no JSON, expected ${expected}`);
  }
  const parsed = groundTruth.safeParse(value);
  if (parsed.success) return parsed.data;
  const paths = [...new Set(parsed.error.issues.map(({ path }) => path.join(".") || "the line"))];
  throw new Error(`${paths.join(", ")}: not as expected, ${expected}`);
}

/** The only field of a line of CSV. @see RFC 4180 for quotes */
function fieldOf(csv: string): string {
  const text = csv.replace(/\r?\n$/, "");
  const quoted = /^"((?:[^"]|"")*)"$/.exec(text)?.[1];
  if (quoted !== undefined) return quoted.replaceAll('""', '"');
  if (/[",\r\n]/.test(text))
    throw new Error("data: got several fields or lines of CSV, expected the label alone");
  return text.trim();
}

/** The label as native outcome events say it; text that is none is left for their reader to refuse. */
function labelOf(text: string, rule: LabelRule): string | number | boolean {
  const kind = labelKind(rule);
  if (kind === "classes") return rule.classes!.find((each) => String(each) === text) ?? text;
  if (kind === "binary" && /^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
  return text === "" || Number.isNaN(Number(text)) ? text : Number(text);
}
