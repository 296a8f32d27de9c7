import { isViewFeature } from "../../functions/contract/feature.ts";
import type { ModelPackage } from "../../functions/contract/model-package.ts";
import type { ModelProgram } from "../../functions/core/inference/model-program.ts";
import { predictEvents } from "../../functions/core/inference/predict-events.ts";
import { differencesFrom, type Sample, sample } from "../../functions/core/inference/samples.ts";
import { parseJsonText } from "./json-text.ts";
import { didYouMean } from "./nearest.ts";
import { formatPath, type Problem } from "./problem.ts";
import { schemaProblems } from "./schema-problems.ts";

/** A golden sample and the line it stands on. */
export interface SampleLine extends Sample {
  readonly line: number;
}

/** Read `samples.jsonl`; empty lines are skipped. */
export function parseSamples(bytes: Buffer): { samples: SampleLine[]; problems: Problem[] } {
  const samples: SampleLine[] = [];
  const problems: Problem[] = [];
  bytes
    .toString("utf8")
    .split("\n")
    .forEach((text, i) => {
      if (text.trim() === "") return;
      const line = i + 1;
      const parsed = parseJsonText(text, line);
      const found = parsed.ok ? schemaProblems(sample, parsed.json.value) : parsed.problems;
      problems.push(...found.map((each) => ({ line, ...each, file: "samples.jsonl" })));
      if (parsed.ok && found.length === 0) {
        samples.push({ ...(parsed.json.value as Sample), line });
      }
    });
  return { samples, problems };
}

/** Check that samples speak of outputs and windowed features that the package declares. */
export function checkSampleNames(samples: readonly SampleLine[], declared: ModelPackage): Problem[] {
  const outputNames = Object.keys(declared.outputs);
  const windowed = Object.entries(declared.features).flatMap(([name, feature]) =>
    isViewFeature(feature) ? [name] : [],
  );
  return samples.flatMap(({ line, outputs, features = {} }) => [
    ...unknownNames(line, { part: "outputs", what: "output", given: outputs, names: outputNames }),
    ...unknownNames(line, { part: "features", what: "windowed feature", given: features, names: windowed }),
  ]);
}

function unknownNames(
  line: number,
  { part, what, given, names }: { part: string; what: string; given: object; names: readonly string[] },
): Problem[] {
  return Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((name) => ({
      file: "samples.jsonl",
      line,
      path: formatPath([part, name]),
      message: `model.json declares no such ${what}${didYouMean(name, names)}; it declares ${names.join(", ") || "none"}`,
    }));
}

/** Run the samples' events, and compare the answers with what the samples say, within the package's tolerance. */
export async function checkSamples(
  samples: readonly SampleLine[],
  model: Parameters<typeof predictEvents>[0],
  tolerance: number,
): Promise<Problem[]> {
  const events = samples.map(({ event, features }) => ({
    payload: Buffer.from(JSON.stringify(event)),
    features,
  }));
  const answers = await predictEvents(model, events);
  return samples.flatMap(({ line, outputs }, i) => {
    const answer = answers[i]!;
    const messages =
      "outputs" in answer
        ? [
            ...skipped(model.program, events[i]!.payload),
            ...differencesFrom(outputs, answer.outputs, tolerance),
          ]
        : [`the event would be rejected: ${answer.message} (${answer.code})`];
    return messages.map((message) => ({ file: "samples.jsonl", line, message }));
  });
}

/** Nobody keeps a sample of what is never predicted: rather, `predictOn` is not what was meant. */
function skipped({ reader, asks }: ModelProgram, payload: Buffer): string[] {
  reader.read(payload);
  return asks(reader.fields)
    ? []
    : ['the event would be skipped: "predictOn" in model.json does not match it; correct one of them'];
}
