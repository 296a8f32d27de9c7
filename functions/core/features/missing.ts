import { type Feature, isViewFeature } from "../../contract/feature.ts";
import { transformsOf } from "./column.ts";

/** Whether an event without a value for the feature is predicted on all the same. The count of an empty window is no missing value. */
export function canBeMissing(feature: Feature): boolean {
  if (isViewFeature(feature)) return feature.agg !== "count";
  const first = transformsOf(feature)[0];
  const isOneHot = typeof first === "object" && "oneHot" in first;
  return feature.default !== undefined || (isOneHot && first.unknown !== undefined);
}
