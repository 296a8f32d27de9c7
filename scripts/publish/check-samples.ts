import * as z from "zod/mini";
import type { ModelPackage } from "../../functions/contract/model-package.ts";
import { parseJsonText } from "./json-text.ts";
import { didYouMean } from "./nearest.ts";
import { formatPath, type Problem, show } from "./problem.ts";
import { schemaProblems } from "./schema-problems.ts";

const outputValue = z.union([z.number(), z.string(), z.array(z.union([z.number(), z.string()]))]);

/** One line of `samples.jsonl`: an event, and the outputs the model is known to give for it. */
export const sample = z.strictObject({
  event: z.record(z.string(), z.unknown()),
  outputs: z.record(z.string(), outputValue),
});

export type Sample = z.infer<typeof sample> & { readonly line: number };
type OutputValue = z.infer<typeof outputValue>;

/** What the serving code made of one event. */
export type Answer =
  | { readonly outputs: Readonly<Record<string, OutputValue>> }
  | { readonly code: string; readonly message: string };

/** Read `samples.jsonl`; empty lines are skipped. */
export function parseSamples(bytes: Buffer): { samples: Sample[]; problems: Problem[] } {
  const samples: Sample[] = [];
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
        samples.push({ ...(parsed.json.value as z.infer<typeof sample>), line });
      }
    });
  return { samples, problems };
}

/** Check that samples speak of outputs that the package declares. */
export function checkSampleNames(samples: readonly Sample[], declared: ModelPackage): Problem[] {
  const names = Object.keys(declared.outputs);
  return samples.flatMap(({ line, outputs }) =>
    Object.keys(outputs)
      .filter((name) => !names.includes(name))
      .map((name) => ({
        file: "samples.jsonl",
        line,
        path: formatPath(["outputs", name]),
        message: `model.json declares no such output${didYouMean(name, names)}; it declares ${names.join(", ")}`,
      })),
  );
}

/**
 * Compare what the model answered with what the samples say: numbers within the package's tolerance, strings exactly.
 *
 * @param answers - one per sample, in order.
 */
export function compareSamples(
  samples: readonly Sample[],
  answers: readonly Answer[],
  tolerance: number,
): Problem[] {
  return samples.flatMap((expected, i) => {
    const at = { file: "samples.jsonl", line: expected.line };
    const answer = answers[i];
    if (answer === undefined) return [{ ...at, message: "the model gave no answer" }];
    if ("code" in answer) {
      return [{ ...at, message: `the event would be rejected: ${answer.message} (${answer.code})` }];
    }
    return Object.entries(expected.outputs).flatMap(([name, want]) => {
      const got = answer.outputs[name];
      const difference = compare(got, want, tolerance);
      return difference === undefined
        ? []
        : [{ ...at, path: formatPath(["outputs", name]), message: difference }];
    });
  });
}

function compare(got: OutputValue | undefined, want: OutputValue, tolerance: number): string | undefined {
  if (got === undefined) return `got nothing, expected ${show(want)}`;
  const gotList = Array.isArray(got) ? got : [got];
  const wantList = Array.isArray(want) ? want : [want];
  if (Array.isArray(got) !== Array.isArray(want) || gotList.length !== wantList.length) {
    return `the model gives ${show(got)}, the sample ${show(want)}`;
  }
  for (const [i, expected] of wantList.entries()) {
    const actual = gotList[i];
    if (Object.is(actual, expected)) continue;
    if (typeof actual !== "number" || typeof expected !== "number") {
      return `the model gives ${show(got)}, the sample ${show(want)}`;
    }
    // Written so that NaN fails.
    if (!(Math.abs(actual - expected) <= tolerance)) {
      const where = Array.isArray(want) ? ` at [${i}]` : "";
      return `the model gives ${actual}${where}, the sample ${expected}; they differ by ${Math.abs(actual - expected)}, allowed are ${tolerance} (samplesTolerance)`;
    }
  }
  return undefined;
}
