import { execFile, execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { createOrtEngine } from "../../../functions/adapters/onnx/ort-engine.ts";
import { holdoutFigures } from "../../../functions/core/train/evaluate/holdout-figures.ts";
import { checkPackage } from "../../../scripts/publish/check-package.ts";
import { type MadeData, madeData, readHoldout } from "../../functions/train/training-data.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const script = join(root, "scripts", "trainers", "xgboost", "train.py");
const engine = createOrtEngine({ memoryMiB: 1769 });

const pythons = [join(root, ".venv", "xgboost", "bin", "python"), "python3"];
const python = pythons.find((each) => {
  try {
    execFileSync(each, ["-c", "import numpy, onnx, xgboost"], { stdio: "ignore", timeout: 60_000 });
    return true;
  } catch {
    return false;
  }
});
if (python === undefined) {
  console.warn(
    `the example trainer is not tested: none of ${pythons.join(", ")} has xgboost; see scripts/trainers/xgboost/README.md`,
  );
}

const declared = {
  name: "flights",
  event: { id: "id" },
  features: {
    distance: { from: "distance" },
    hour: { from: "hour" },
    origin: { from: "origin", as: { index: Array.from({ length: 40 }, (_, i) => `A${i}`) } },
    airline: { from: "airline", as: { oneHot: ["x", "y", "z"] } },
  },
  outputs: { probability: { from: "probabilities", index: 1 } },
};
const packageOutputs = {
  binary: declared.outputs,
  classes: { scores: { from: "scores" } },
  number: { minutes: { from: "y", index: 0 } },
};

/** Train as SageMaker does: the manifest and what stands under it in one folder, the model in another. */
async function train(
  made: MadeData,
  use: (folder: string, data: Awaited<ReturnType<typeof madeData>>) => Promise<void>,
) {
  const folder = await mkdtemp(join(tmpdir(), "headrace-xgboost-"));
  try {
    const data = await madeData(made);
    for (const [key, body] of data.store.objects) {
      const file = join(folder, "input", key.replace("learning/flights/e1/", ""));
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, body);
    }
    const SM_MODEL_DIR = join(folder, "package");
    const env = { ...process.env, SM_CHANNEL_TRAINING: join(folder, "input"), SM_MODEL_DIR };
    await promisify(execFile)(python!, ["-B", script], { env, timeout: 120_000 });
    await use(SM_MODEL_DIR, data);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe.skipIf(python === undefined)("the example trainer of XGBoost", () => {
  it.each(["binary", "classes", "number"] as const)(
    "makes of %s a model that passes the package check and says what XGBoost does",
    async (kind) => {
      await train({ kind }, async (folder, { store, manifest }) => {
        const json = { ...declared, outputs: packageOutputs[kind] };
        await writeFile(join(folder, "model.json"), JSON.stringify(json));
        // Its metrics and report are no files of a package.
        const metrics = JSON.parse(await readFile(join(folder, "metrics.json"), "utf8"));
        const report = JSON.parse(await readFile(join(folder, "report.json"), "utf8"));
        for (const name of ["metrics.json", "report.json"]) await rm(join(folder, name));
        const plan = await checkPackage(folder, engine);

        const { features, labels } = await readHoldout(store, manifest);
        const session = await engine.createSession(plan.files.get("model.onnx")!);
        try {
          expect(session.inputs.map(({ name }) => name)).toEqual(["features"]);
          expect(session.outputs.map(({ name }) => name)).toEqual([manifest.label.output]);
          const feeds = { features: { type: "float32" as const, shape: [500, 6], data: features } };
          const { data } = (await session.run(feeds, [manifest.label.output]))[manifest.label.output]!;
          const values = Float32Array.from(data as Float32Array);
          const scores = kind === "binary" ? values.filter((_, i) => i % 2 === 1) : values;
          const own = holdoutFigures({ scores, labels, width: kind === "classes" ? 3 : 1 }, kind);
          expect(metrics.loss).toBeCloseTo(own.loss, 5);
          if (kind === "binary") expect(metrics.auc).toBeCloseTo(own.auc!, 6);
          // To it an origin is a number, which leaves less to learn.
          expect(own.loss).toBeLessThan({ binary: 0.65, classes: 0.8, number: 4.8 }[kind]);
          expect(report.rounds).toBeLessThanOrEqual(30);
        } finally {
          await session.release();
        }
      });
    },
    180_000,
  );

  it("names tensors as the manifest does, and gives the probability of yes alone where that is read", async () => {
    const changes: MadeData["changes"] = {
      inputs: [{ name: "x", type: "float32", shape: [6] }],
      outputs: ["p", "winner"],
      label: { kind: "binary", classes: [0, 1], output: "p" },
    };
    await train({ changes }, async (folder) => {
      const session = await engine.createSession(await readFile(join(folder, "model.onnx")));
      try {
        expect(session.inputs.map(({ name }) => name)).toEqual(["x"]);
        expect(session.outputs.map(({ name, shape }) => [name, shape])).toEqual([
          ["winner", [null]],
          ["p", [null, 1]],
        ]);
      } finally {
        await session.release();
      }
    });
  }, 180_000);

  it("says what is wrong with its input", async () => {
    const changes: MadeData["changes"] = { inputs: [{ type: "float32", shape: [3, 2, 2] }] };
    const trial = train({ changes }, async () => undefined);
    await expect(trial).rejects.toThrow(/inputs: got .*expected one of float32, \[N, features\]/);
  }, 180_000);
});
