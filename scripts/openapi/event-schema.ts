import { type EventFeature, isViewFeature, type Transform } from "../../functions/contract/feature.ts";
import type { ModelPackage } from "../../functions/contract/model-package.ts";
import { pathsOf } from "../../functions/contract/package-problems.ts";
import { sizeOf } from "../../functions/core/decode/fields.ts";
import { transformsOf } from "../../functions/core/features/column.ts";
import type { RowLayout } from "../../functions/core/features/row-layout.ts";
import { maxIdLength } from "../../functions/core/prediction/event-identity.ts";
import { allOf, type JsonSchema } from "./json-schema.ts";

/** One thing that a model wants of the value at a path. */
interface Demand {
  readonly path: readonly string[];
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
}

/**
 * The events that a model predicts on: what its features, its event's id, time and entity read.
 *
 * Every event that the function takes is valid by it; it is coarser than the function in the times it lets by, and in
 * numbers that a transform leads out of what the model's input holds.
 *
 * @param layout - where the package's features go, to tell text from numbers.
 */
export function eventSchema(pkg: ModelPackage, layout: RowLayout): JsonSchema {
  const { id, time, entity } = pkg.event;
  const demands: Demand[] = [];
  const demand = (path: string | undefined, schema: JsonSchema, isRequired = true) => {
    if (path !== undefined) demands.push({ path: path.split("."), schema, isRequired });
  };
  demand(id, idSchema);
  demand(time, instant);
  demand(entity, idSchema);
  Object.entries(pkg.features).forEach(([name, feature], i) => {
    if (isViewFeature(feature)) {
      const { key } = pkg.views[feature.view]!;
      for (const each of pathsOf(feature.key ?? key)) demand(each, { type: ["string", "number", "boolean"] });
      return;
    }
    const isText = layout.inputs[layout.placements[i]!.input]!.type === "string";
    const isRequired = !mayBeMissing(feature);
    const schema = isText ? { type: "string" } : valueSchema(feature);
    demand(
      feature.from,
      { description: `Feature ${name}.`, ...(isRequired ? schema : orNull(schema)) },
      isRequired,
    );
  });
  return objectOf(demands);
}

function objectOf(demands: readonly Demand[]): JsonSchema {
  const keys = [...new Set(demands.map(({ path }) => path[0]!))];
  const under = (key: string) => demands.filter(({ path }) => path[0] === key);
  const required = keys.filter((key) => under(key).some(({ isRequired }) => isRequired));
  return {
    type: "object",
    properties: Object.fromEntries(keys.map((key) => [key, propertyOf(under(key))])),
    ...(required.length > 0 && { required }),
  };
}

function propertyOf(demands: readonly Demand[]): JsonSchema {
  const schemas = demands.filter(({ path }) => path.length === 1).map(({ schema }) => schema);
  const deeper = demands
    .filter(({ path }) => path.length > 1)
    .map((each) => ({ ...each, path: each.path.slice(1) }));
  if (deeper.length === 0) return allOf(schemas);
  const inner = objectOf(deeper);
  // What is only ever optional may stand below anything, which is then read as missing.
  const isRequired = deeper.some((each) => each.isRequired);
  return allOf([...schemas, isRequired ? inner : { anyOf: [inner, { not: { type: "object" } }] }]);
}

/** Ids of events. */
export const idSchema: JsonSchema = {
  type: ["string", "number"],
  minLength: 1,
  maxLength: maxIdLength,
  minimum: Number.MIN_SAFE_INTEGER,
  maximum: Number.MAX_SAFE_INTEGER,
};

export const instant = {
  description: "ISO 8601, UTC where no zone is given, or epoch seconds or milliseconds.",
  type: ["string", "number"],
} satisfies JsonSchema;

const scalar: JsonSchema = { type: ["string", "number", "boolean"] };

function mayBeMissing(feature: EventFeature): boolean {
  const first = transformsOf(feature)[0];
  return feature.default !== undefined || isOneHotWithZeros(first);
}

function isOneHotWithZeros(first: Transform | undefined): boolean {
  return typeof first === "object" && "oneHot" in first && first.unknown !== undefined;
}

function valueSchema(feature: EventFeature): JsonSchema {
  const { shape } = feature;
  const first = transformsOf(feature)[0];
  if (shape !== undefined) return tensorSchema(shape, numberSchema(feature));
  if (first === "boolean") return { type: "boolean" };
  if (first === "hourOfDay" || first === "dayOfWeek") return instant;
  if (typeof first === "object" && "index" in first) return categories(first.index, first.unknown);
  if (typeof first === "object" && "oneHot" in first) return categories(first.oneHot, first.unknown);
  if (typeof first === "object" && "hash" in first) return scalar;
  return numberSchema(feature);
}

function categories(values: readonly unknown[], unknown: unknown): JsonSchema {
  return unknown === undefined ? { enum: values } : { ...scalar, examples: values.slice(0, 3) };
}

function numberSchema({ min, max }: EventFeature): JsonSchema {
  return {
    type: "number",
    ...(min !== undefined && { minimum: min }),
    ...(max !== undefined && { maximum: max }),
  };
}

/** Flat, or nested by the shape. */
function tensorSchema(shape: readonly number[], element: JsonSchema): JsonSchema {
  const flat = listOf(sizeOf(shape), element);
  if (shape.length === 1) return flat;
  return { anyOf: [flat, shape.reduceRight((items, length) => listOf(length, items), element)] };
}

function listOf(length: number, items: JsonSchema): JsonSchema {
  return { type: "array", items, minItems: length, maxItems: length };
}

function orNull(schema: JsonSchema): JsonSchema {
  const { type } = schema;
  if (type !== undefined) return { ...schema, type: [...(Array.isArray(type) ? type : [type]), "null"] };
  return { anyOf: [schema, { type: "null" }] };
}
