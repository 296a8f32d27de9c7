import type { PackageFileName } from "../../../../functions/contract/manifest.ts";
import type { InferenceEngine } from "../../../../functions/core/inference/model-session.ts";
import { DoublingSession } from "./fake-session.ts";

/** Makes doubling sessions, whatever the model's bytes; those bytes name the numbers it fails on, as a JSON list. */
export class DoublingEngine implements InferenceEngine {
  readonly sessions: DoublingSession[] = [];
  warmCount = 0;

  warm(): void {
    this.warmCount++;
  }

  async createSession(model: Uint8Array): Promise<DoublingSession> {
    const session = new DoublingSession(JSON.parse(new TextDecoder().decode(model)) as number[]);
    this.sessions.push(session);
    return session;
  }
}

export interface DoublingFiles {
  readonly json?: object | string;
  readonly poison?: readonly number[];
  /** Each a JSON text, or a number and what is said to be its double. */
  readonly samples?: readonly (string | readonly [number, number])[];
}

/** A package of the doubling model. */
export function doublingPackage({ json = {}, poison = [], samples }: DoublingFiles = {}) {
  const declared =
    typeof json === "string"
      ? json
      : JSON.stringify({
          name: "doubling",
          features: { x: { from: "x" } },
          outputs: { y: { from: "y" } },
          ...json,
        });
  const lines = samples?.map((each) =>
    typeof each === "string" ? each : JSON.stringify({ event: { x: each[0] }, outputs: { y: each[1] } }),
  );
  const texts: [PackageFileName, string | undefined][] = [
    ["model.json", declared],
    ["model.onnx", JSON.stringify(poison)],
    ["samples.jsonl", lines?.join("\n")],
  ];
  return new Map(
    texts.flatMap(([name, text]) =>
      text === undefined ? [] : [[name, new TextEncoder().encode(text)] as const],
    ),
  );
}
