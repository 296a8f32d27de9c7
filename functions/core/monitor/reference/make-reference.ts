import { secondsOf } from "../../../contract/duration.ts";
import { maxReferenceBytes, maxReferenceWindows, type Reference } from "../../../contract/reference.ts";
import { InputError, ModelRunError } from "../../errors.ts";
import type { LoadedModel } from "../../inference/loaded-model.ts";
import { mergeSketches, type Sketch } from "../sketch.ts";
import { encodeSketch } from "../sketch-codec.ts";
import { createSketchCounter, type SketchCounter } from "../sketch-counter.ts";
import { compileSketch } from "../sketch-program.ts";
import { type CountedExample, createExampleRows } from "./example-rows.ts";

export interface ReferenceOptions {
  readonly model: LoadedModel;
  /** In about the order of their events. */
  readonly examples: AsyncIterable<CountedExample>;
  /** Only events from `fromMs` on and before `toMs`, epoch milliseconds: what the model was trained on. @default all */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

/**
 * Count training examples as served events are counted. What a default stood in for, examples do not say.
 *
 * Scores are what the model says now: examples may have been made by another version.
 *
 * @throws {InputError} `input.missing` where there are none, `input.shape` where one does not have the model's features.
 * @throws {ModelRunError} where the model fails on one.
 */
export async function makeReference(options: ReferenceOptions): Promise<Reference> {
  const { model, examples, fromMs = -Infinity, toMs = Infinity } = options;
  const { package: pkg, program, session, buffers, predictor } = model;
  const keyed = compileSketch({ package: pkg, layout: program.encoder.layout, outputs: session.outputs });
  const rows = createExampleRows(pkg, program.encoder.layout);
  const windowMs = secondsOf(pkg.drift.window) * 1000;
  const windows = new Map<number, SketchCounter>();
  let timesMs: number[] = [];
  let [firstMs, lastMs] = [Infinity, -Infinity];

  for await (const each of examples) {
    const timeMs = Date.parse(each.eventTime);
    if (timeMs < fromMs || timeMs >= toMs) continue;
    rows.write(each, buffers, timesMs.length);
    timesMs.push(timeMs);
    if (timesMs.length === buffers.capacity) await count();
  }
  await count();
  if (windows.size === 0)
    throw new InputError(
      "got no examples of that time, expected those that the model was trained on; make some with npm run backfill",
      { code: "input.missing" },
    );
  return referenceOf();

  async function count(): Promise<void> {
    const n = timesMs.length;
    if (n === 0) return;
    const taken = keyed.take(buffers, n);
    const results = await predictor.predict(n);
    for (const [row, result] of results.entries()) {
      if (result instanceof ModelRunError) throw result;
      keyed.takeScores(result, taken, row);
    }
    const byWindow = Map.groupBy(timesMs.keys(), (row) => Math.floor(timesMs[row]! / windowMs));
    for (const [window, order] of byWindow) {
      const counter = windows.get(window) ?? createSketchCounter(keyed, false);
      windows.set(window, counter);
      counter.add(taken, Int32Array.from(order), 0);
    }
    for (const timeMs of timesMs) {
      firstMs = Math.min(firstMs, timeMs);
      lastMs = Math.max(lastMs, timeMs);
    }
    timesMs = [];
  }

  function referenceOf(): Reference {
    const sketches = [...windows]
      .sort(([a], [b]) => a - b)
      .map(([window, counter]) => ({ beginsMs: window * windowMs, sketch: counter.take() }));
    const whole = mergeSketches(sketches.map(({ sketch }) => sketch));
    const listed = sketches.filter(({ beginsMs }) => isWhole(beginsMs)).slice(-maxReferenceWindows);
    return fitted({
      version: 1,
      rows: whole.rows,
      from: new Date(firstMs).toISOString(),
      to: new Date(lastMs).toISOString(),
      sketch: base64Of(whole),
      windows: listed.map(({ beginsMs, sketch }) => ({
        from: new Date(beginsMs).toISOString(),
        rows: sketch.rows,
        sketch: base64Of(sketch),
      })),
    });
  }

  /** A part of a day is of other hours than a day, and differs from one by that alone. */
  function isWhole(beginsMs: number): boolean {
    const [fromHourMs, toHourMs] = [
      Math.floor(firstMs / hourMs) * hourMs,
      Math.ceil(lastMs / hourMs) * hourMs,
    ];
    return beginsMs >= fromHourMs && beginsMs + windowMs <= toHourMs;
  }
}

const hourMs = 3_600_000;

/** Without its oldest windows, where it would be too large. */
function fitted(reference: Reference): Reference {
  let { windows } = reference;
  while (windows.length > 0 && JSON.stringify({ ...reference, windows }).length > maxReferenceBytes)
    windows = windows.slice(1);
  return { ...reference, windows };
}

function base64Of(sketch: Sketch): string {
  return Buffer.from(encodeSketch(sketch)).toString("base64");
}
