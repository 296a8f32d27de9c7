import { MemoryLogger } from "../../../../functions/adapters/memory/memory-logger.ts";
import { MemoryMetrics } from "../../../../functions/adapters/memory/memory-metrics.ts";
import type { ModelDigest } from "../../../../functions/contract/ids.ts";
import { type ModelPackageInput, modelPackage } from "../../../../functions/contract/model-package.ts";
import { createRowBuffers } from "../../../../functions/core/features/row-buffers.ts";
import type { LoadedModel } from "../../../../functions/core/inference/loaded-model.ts";
import { compileProgram } from "../../../../functions/core/inference/model-program.ts";
import type { TensorSpec } from "../../../../functions/core/inference/tensor.ts";
import { compileSketch } from "../../../../functions/core/monitor/sketch-program.ts";

const capacity = 64;

/** A version without a session: what sketches read of one. */
export function versionOf(
  declared: Partial<ModelPackageInput>,
  specs: { readonly inputs: readonly TensorSpec[]; readonly outputs?: readonly TensorSpec[] },
) {
  const outputs = specs.outputs ?? [{ name: "y", type: "float32", shape: [null, 1] }];
  const pkg = modelPackage.parse({
    name: "watched",
    features: {},
    outputs: { score: { from: "y" } },
    ...declared,
  });
  const session = { inputs: specs.inputs, outputs };
  const program = compileProgram(pkg, session);
  const buffers = createRowBuffers(program.encoder.layout, capacity);
  const digest = "d".repeat(64) as ModelDigest;
  const model = { digest, package: pkg, program, session, buffers } as unknown as LoadedModel;
  const sketch = compileSketch({ package: pkg, layout: program.encoder.layout, outputs });
  return { model, program, buffers, sketch, encode };

  function encode(events: readonly object[]): void {
    events.forEach((event, row) => {
      program.reader.read(Buffer.from(JSON.stringify(event)));
      const { fields } = program.reader;
      if (!program.encoder.encode(fields, buffers, row))
        throw new Error(program.encoder.explain(fields, buffers, row)[0]!.message);
    });
  }
}

/** A model of one number, whose score is told by the test. */
export function plainVersion() {
  return versionOf(
    { features: { x: { from: "x" } } },
    { inputs: [{ name: "in", type: "float32", shape: [null, 1] }] },
  );
}

export function observers() {
  return { metrics: new MemoryMetrics(), logger: new MemoryLogger() };
}
