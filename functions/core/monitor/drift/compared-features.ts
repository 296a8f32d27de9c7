import { isViewFeature } from "../../../contract/feature.ts";
import type { ModelPackage } from "../../../contract/model-package.ts";
import { transformsOf } from "../../features/column.ts";
import { maxFeatures } from "../sketch.ts";

/** A feature that is compared with the reference. */
export interface ComparedFeature {
  readonly name: string;
  /** Its place in the package, and in sketches. */
  readonly index: number;
}

/** Which features are compared: all that are watched but those excluded and those that are a part of a time, which a window decides. */
export function comparedFeatures({
  features,
  drift,
}: Pick<ModelPackage, "features" | "drift">): ComparedFeature[] {
  return Object.entries(features)
    .map(([name, feature], index) => ({ name, feature, index }))
    .filter(({ name, feature, index }) => {
      const isTimePart =
        !isViewFeature(feature) &&
        transformsOf(feature).some((each) => each === "hourOfDay" || each === "dayOfWeek");
      return index < maxFeatures && !isTimePart && !drift.exclude.includes(name);
    })
    .map(({ name, index }) => ({ name, index }));
}
