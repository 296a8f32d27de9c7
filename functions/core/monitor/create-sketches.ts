import type { LoadedModel } from "../inference/loaded-model.ts";
import { createSketchRecorder, type SketchRecorderOptions } from "./create-sketch-recorder.ts";
import { compileSketch, type SketchProgram } from "./sketch-program.ts";
import type { OpenSketches, SketchRecorder } from "./sketch-recorder.ts";

/** Shards that one environment is given batches of by turns. */
const maxWriters = 32;

/** Keep one recorder per writer, and what is counted of a version compiled once. */
export function createSketches(deps: Omit<SketchRecorderOptions, "writer" | "programOf">): OpenSketches {
  const programs = new WeakMap<LoadedModel, SketchProgram>();
  const recorders = new Map<string, SketchRecorder>();
  return (writer) => {
    const recorder = recorders.get(writer) ?? createSketchRecorder({ ...deps, writer, programOf });
    // Taken out and put in again, so that the first is the one that was used longest ago.
    recorders.delete(writer);
    recorders.set(writer, recorder);
    if (recorders.size > maxWriters) recorders.delete(recorders.keys().next().value!);
    return recorder;
  };

  function programOf(model: LoadedModel): SketchProgram {
    const known = programs.get(model);
    if (known !== undefined) return known;
    const { package: pkg, program, session } = model;
    const compiled = compileSketch({
      package: pkg,
      layout: program.encoder.layout,
      outputs: session.outputs,
    });
    programs.set(model, compiled);
    return compiled;
  }
}
