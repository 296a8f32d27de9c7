import { type EventFeature, isViewFeature } from "../../functions/contract/feature.ts";
import type { Aggregate } from "../../functions/contract/view.ts";
import { parseEvent } from "../../functions/core/decode/event-reader.ts";
import { valueAt } from "../../functions/core/decode/json-fields.ts";
import { InputError } from "../../functions/core/errors.ts";
import { type Problem, widthOf } from "../../functions/core/features/column.ts";
import { encodeRow, isProblem, joinProblems, readEvent } from "../../functions/core/inference/event-row.ts";
import type { LoadedModel } from "../../functions/core/inference/loaded-model.ts";
import type { EventIdentity } from "../../functions/core/prediction/event-identity.ts";
import type { ViewReads } from "../../functions/core/views/view-batch.ts";

/** An event's feature vector, and where each number of it comes from. */
export interface EventFeatures {
  readonly model: string;
  readonly digest: string;
  /** Its stand-in where the id is private; absent where the package names none. */
  readonly eventId?: string;
  /** ISO 8601, the time its windows end at: now, where the package names none. */
  readonly eventTime: string;
  /** Whether the event asks for a prediction when it comes by the stream. */
  readonly asks: boolean;
  /** In the order of the package. */
  readonly features: readonly FeatureRow[];
}

export interface FeatureRow {
  readonly name: string;
  /** As the model gets it: transformed, and rounded to what its input holds; a list where it fills several columns. */
  readonly value: FeatureValue;
  readonly source: EventSource | ViewSource;
}

export type FeatureValue = number | string | readonly number[];

/** A feature read from the event. */
export interface EventSource {
  readonly from: "event";
  readonly path: string;
  /** What stands there; absent where nothing does. */
  readonly raw?: unknown;
  /** Whether nothing, or null, stands there. */
  readonly isDefault: boolean;
}

/** A feature read from a view. */
export interface ViewSource {
  readonly from: "view";
  readonly view: string;
  /** The key's text, or its stand-in where keys of the view are private. */
  readonly key: string;
  readonly agg: Aggregate;
  readonly over: string;
  /** ISO 8601: where the window's first tile begins and its last one ends. */
  readonly begins: string;
  readonly ends: string;
  /** The aggregate, or the default, before the feature's transforms. */
  readonly raw: number;
  /** Whether the window is empty. */
  readonly isDefault: boolean;
  /** Tiles that held anything, the total of a whole block being one. */
  readonly tilesMerged: number;
  /** Items that held anything of the window. */
  readonly itemsRead: number;
}

export interface ExplainOptions {
  readonly model: LoadedModel;
  /** What may be read of its views, as of now; undefined for one that has none. */
  readonly views: ViewReads | undefined;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/**
 * Compute an event's features as `POST /models/{name}/predict` does, and say where each comes from. One event at a time:
 * the model's buffers are used.
 *
 * No private value is among the answer: a package cannot make a feature of one, and ids and keys are concealed.
 *
 * @param event - its bytes, as they would be put on the stream.
 * @throws {InputError} when the event has no such features, with every reason.
 * @throws {DependencyError} when the views cannot be read.
 */
export async function explainFeatures(
  event: Buffer,
  { model, views, nowMs }: ExplainOptions,
): Promise<EventFeatures> {
  const { program, package: pkg } = model;
  const { identity, keys } = readIdentity(event, model);
  const parsed = parseEvent(program.payloads.open(event));
  const asks = program.asks(program.reader.fields);
  const timeMs = identity.timeMs ?? nowMs;
  const names = Object.keys(pkg.features);
  const fromEvent = new Map(
    Object.entries(pkg.features).flatMap(([name, feature], i): [string, FeatureRow][] =>
      isViewFeature(feature) ? [] : [[name, eventRow(name, feature, { model, position: i, parsed })]],
    ),
  );
  const fromViews = await readWindows({ model, views, keys, timeMs });
  return {
    ...{ model: pkg.name, digest: model.digest },
    ...(identity.id !== undefined && { eventId: identity.id }),
    ...{ eventTime: new Date(timeMs).toISOString(), asks },
    features: names.map((name) => (fromEvent.get(name) ?? fromViews.get(name))!),
  };
}

/** Read the event into the model's fields, and its own features into the first row. */
function readIdentity(
  event: Buffer,
  { program, buffers }: LoadedModel,
): { readonly identity: EventIdentity; readonly keys: readonly string[] } {
  const unreadable = readEvent(program, event);
  if (unreadable !== undefined) throw refused(unreadable);
  const identity = encodeRow(program, buffers, 0);
  const lookups = program.views.lookupsOf(program.reader.fields);
  const problems = [...(isProblem(identity) ? [identity] : []), ...(Array.isArray(lookups) ? lookups : [])];
  if (problems.length > 0) throw refused(joinProblems(problems));
  return { identity: identity as EventIdentity, keys: (lookups as { keys: readonly string[] }).keys };
}

function refused({ code, message }: Problem): InputError {
  return new InputError(message, { code });
}

function eventRow(
  name: string,
  feature: EventFeature,
  { model, position, parsed }: { model: LoadedModel; position: number; parsed: Record<string, unknown> },
): FeatureRow {
  const raw = valueAt(parsed, feature.from.split("."));
  const isDefault = raw === undefined || raw === null;
  return {
    name,
    value: columnsOf(model, position, widthOf(feature)),
    source: { from: "event", path: feature.from, ...(raw !== undefined && { raw }), isDefault },
  };
}

async function readWindows({
  model,
  views,
  keys,
  timeMs,
}: Pick<ExplainOptions, "model" | "views"> & {
  readonly keys: readonly string[];
  readonly timeMs: number;
}): Promise<ReadonlyMap<string, FeatureRow>> {
  const { program, buffers, package: pkg } = model;
  if (views === undefined) return new Map();
  await views.load([{ keys, timeMs }]);
  const values = new Float64Array(program.views.windows.length);
  views.read(keys, timeMs, values);
  if (!program.windowed.write(values, buffers, 0))
    throw refused(joinProblems(program.windowed.explain(values)));
  const names = Object.keys(pkg.features);
  return new Map(
    views.explain(keys, timeMs).map((explained, i): [string, FeatureRow] => {
      const { name, view, key, isDefault, tilesMerged, itemsRead } = explained;
      const { agg, feature } = program.views.windows[i]!;
      const source: ViewSource = {
        ...{ from: "view", view, key, agg, over: feature.over },
        begins: new Date(explained.fromMs).toISOString(),
        ends: new Date(explained.toMs).toISOString(),
        ...{ raw: explained.value, isDefault, tilesMerged, itemsRead },
      };
      return [name, { name, value: columnsOf(model, names.indexOf(name), 1), source }];
    }),
  );
}

/** What stands in the columns of a feature, in the first row. */
function columnsOf({ program, buffers }: LoadedModel, position: number, width: number): FeatureValue {
  const { input, column } = program.encoder.layout.placements[position]!;
  const array = buffers.arrays[input]!;
  // Text fills one column.
  if (typeof array[column] === "string") return array[column];
  const values = Array.from({ length: width }, (_, i) => Number(array[column + i]));
  return width === 1 ? values[0]! : values;
}
