import { hash } from "node:crypto";
import * as z from "zod/mini";
import { type EvaluateOutput, evaluateOutput } from "../contract/learning.ts";
import type { ObjectStore } from "../core/train/examples/object-reader.ts";
import { findObject } from "../core/train/find-object.ts";
import { type ExecutionName, figuresKey } from "../core/train/learning-keys.ts";

/** What was compared: figures of something else do not count. */
const compared = { manifestSha256: z.string(), modelSha256: z.string() };
const figuresFile = z.object({ version: z.literal(1), ...compared, ...evaluateOutput.shape });

type Compared = Readonly<Record<keyof typeof compared, string>>;

/** What an earlier run of the step said of the same model: latencies differ from run to run, and what was decided stands. */
export async function earlierAnswer(
  store: ObjectStore,
  name: ExecutionName,
  { manifestSha256, modelSha256 }: Compared,
): Promise<EvaluateOutput | undefined> {
  const bytes = await findObject(store, figuresKey(name));
  if (bytes === undefined) return undefined;
  const { version: _, ...file } = figuresFile.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
  const { manifestSha256: manifest, modelSha256: model, ...answer } = file;
  return manifest === manifestSha256 && model === modelSha256 ? answer : undefined;
}

export async function writeAnswer(
  store: ObjectStore,
  name: ExecutionName,
  told: {
    readonly compared: Compared;
    readonly verdict: Omit<EvaluateOutput, "figuresKey" | "seconds">;
    readonly seconds: number;
  },
): Promise<EvaluateOutput> {
  const key = figuresKey(name);
  const answer: EvaluateOutput = { ...told.verdict, figuresKey: key, seconds: told.seconds };
  const text = `${JSON.stringify({ version: 1, ...told.compared, ...answer }, undefined, 2)}\n`;
  await store.put(key, Buffer.from(text), "application/json");
  return answer;
}

export function digestOf(bytes: Uint8Array): string {
  return hash("sha256", bytes);
}
