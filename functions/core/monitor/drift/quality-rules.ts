import type { QualityRules } from "../../../contract/drift.ts";
import { type Feature, isViewFeature } from "../../../contract/feature.ts";
import type { ModelPackage } from "../../../contract/model-package.ts";
import { transformsOf } from "../../features/column.ts";
import { type Histogram, totalOf } from "../histogram.ts";
import type { FeatureSketch, Sketch } from "../sketch.ts";
import { codeLimit, codesOf } from "../sketched-columns.ts";
import { missingShare } from "./measure-feature.ts";

/** A rule that a window does not keep to. */
export interface RuleBreach {
  readonly feature: string;
  readonly rule: keyof QualityRules;
  /** Share of values that keep to it, from 0 to 1. */
  readonly share: number;
  /** Least share that is allowed. */
  readonly least: number;
}

/** Find the data-quality rules that a window's values do not keep to, as the model got them. */
export function brokenRules(
  { features, drift }: Pick<ModelPackage, "features" | "drift">,
  sketch: Sketch,
): RuleBreach[] {
  const names = Object.keys(features);
  const limit = codeLimit(names.flatMap((name) => listedCodes(features[name]!) ?? []));
  return Object.entries(drift.rules).flatMap(([feature, rules]) => {
    const index = names.indexOf(feature);
    const found = sketch.features[index];
    if (found === undefined) return [];
    const shares = sharesOf(found, { codes: listedCodes(features[feature]!), limit });
    const least: Partial<Record<keyof QualityRules, number>> = {
      completeness: rules.completeness,
      nonNegative: rules.nonNegative ? 1 : undefined,
      domain: rules.domain,
    };
    return (Object.keys(least) as (keyof QualityRules)[]).flatMap((rule): RuleBreach[] => {
      const [share, bound] = [shares[rule], least[rule]];
      return share === undefined || bound === undefined || share >= bound
        ? []
        : [{ feature, rule, share, least: bound }];
    });
  });
}

/** Share of values that keep to each rule; undefined where it cannot be told. */
function sharesOf(
  sketch: FeatureSketch,
  { codes, limit }: { readonly codes: number | undefined; readonly limit: number },
): Readonly<Record<keyof QualityRules, number | undefined>> {
  const { histogram, kind } = sketch;
  const total = totalOf(histogram);
  const missing = missingShare(sketch);
  const isTold = kind === "category" && codes !== undefined && codes <= limit && total > 0;
  return {
    completeness: missing === undefined ? undefined : 1 - missing,
    nonNegative:
      kind === "category" || total === 0 ? undefined : 1 - countWhere(histogram, isBelowZero) / total,
    // The last code stands for what is none of the list.
    domain: isTold ? 1 - countWhere(histogram, (key) => key === codes - 1) / total : undefined,
  };
}

const isBelowZero = (key: number) => key < 0;

function countWhere({ keys, counts }: Histogram, holds: (key: number) => boolean): number {
  return keys.reduce((sum, key, i) => sum + (holds(key) ? counts[i]! : 0), 0);
}

/** How many codes a feature with a list of categories has, one for all others included. */
function listedCodes(feature: Feature): number | undefined {
  if (isViewFeature(feature)) return undefined;
  const [first] = transformsOf(feature);
  const isListed = typeof first === "object" && ("index" in first || "oneHot" in first);
  return isListed ? codesOf(feature, { type: "float32", column: 0, width: 1, stride: 1 }) : undefined;
}
