import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { createOrtEngine } from "../../functions/adapters/onnx/ort-engine.ts";
import { loadModel } from "../../functions/core/inference/loaded-model.ts";
import { predictEvents } from "../../functions/core/inference/predict-events.ts";
import { sensorStateFiles } from "../../scripts/models/sensor-state.ts";
import { exampleFolder } from "../../scripts/models/write-package.ts";
import { checkPackage } from "../../scripts/publish/check-package.ts";

const engine = createOrtEngine({ memoryMiB: 1769 });

it("is what its script makes", async () => {
  for (const [name, content] of Object.entries(await sensorStateFiles())) {
    expect(await readFile(new URL(name, exampleFolder("sensor-state")))).toEqual(Buffer.from(content));
  }
});

it("serves a tensor, nested or flat, and rejects one of another size or kind", async () => {
  const plan = await checkPackage(fileURLToPath(exampleFolder("sensor-state")), engine);
  const model = await loadModel(plan.digest, plan.files, { engine, nowMs: () => performance.now() });
  try {
    const flat = Array.from({ length: 32 }, (_, i) => i / 32);
    const nested = [0, 8, 16, 24].map((from) => flat.slice(from, from + 8));
    const ask = (embedding: unknown) => ({
      payload: Buffer.from(JSON.stringify({ reading: "r", machine: "m", embedding })),
    });
    const [first, second, ...others] = await predictEvents(
      model,
      [flat, nested, flat.slice(1), [...nested, []], flat.map(String), 11, flat.with(3, 10.5)].map(ask),
    );
    expect(first).toEqual({
      outputs: {
        state: expect.stringMatching(/^(idle|running|worn)$/),
        scores: [expect.any(Number), expect.any(Number), expect.any(Number)],
        worn: expect.any(Number),
      },
    });
    expect(second).toEqual(first);
    expect(others.map((answer) => "code" in answer && answer.code)).toEqual([
      "input.shape",
      "input.shape",
      "input.shape",
      "input.shape",
      "input.range",
    ]);
  } finally {
    await model.session.release();
  }
});
