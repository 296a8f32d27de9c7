import type { QualityRules } from "../../functions/contract/drift.ts";
import { type EventFeature, type Feature, isViewFeature } from "../../functions/contract/feature.ts";
import type { ModelPackage } from "../../functions/contract/model-package.ts";
import { transformsOf } from "../../functions/core/features/column.ts";
import { usualThresholds } from "../../functions/core/monitor/drift/drift-statistics.ts";
import type { Constraints, FeatureConstraints } from "./constraints.ts";

/** What of some constraints a package can keep. */
export interface ImportedDrift {
  readonly rules: Readonly<Record<string, QualityRules>>;
  /** Absent where the usual one, and what the reference varies by, stand. */
  readonly threshold?: number;
  /** What has no equivalent, or needs none, one line each. */
  readonly left: readonly string[];
}

/** Read the rules of a package's features out of constraints, which name them as the package does, or by the path they are read from. */
export function driftOfConstraints(
  { features, monitoring_config: config = {} }: Constraints,
  pkg: Pick<ModelPackage, "features">,
): ImportedDrift {
  const left: string[] = [];
  const rules: Record<string, QualityRules> = {};
  for (const each of features) {
    const found = featuresNamed(each.name, pkg);
    if (found.length === 0)
      left.push(`${each.name}: no feature of the package has this name, or is read from it`);
    for (const [name, feature] of found) {
      const { rule, notes } = ruleOf(each, feature, config.domain_content_threshold);
      if (Object.keys(rule).length > 0) rules[name] = rule;
      left.push(...notes.map((note) => `${name}: ${note}`));
    }
  }
  const compared = config.distribution_constraints;
  const threshold = compared?.perform_comparison === "Disabled" ? undefined : compared?.comparison_threshold;
  const isUsual = threshold === usualThresholds.lInfinity;
  left.push(...notesOf(config, { threshold, isUsual }));
  return { rules, ...(threshold !== undefined && !isUsual && { threshold }), left };
}

function featuresNamed(name: string, { features }: Pick<ModelPackage, "features">): [string, Feature][] {
  const all = Object.entries(features);
  const named = all.filter(([each]) => each === name);
  return named.length > 0
    ? named
    : all.filter(([, feature]) => !isViewFeature(feature) && feature.from === name);
}

function ruleOf(
  given: FeatureConstraints,
  feature: Feature,
  domainShare = 1,
): { readonly rule: QualityRules; readonly notes: readonly string[] } {
  if (isViewFeature(feature)) {
    return { rule: {}, notes: ["it is read from a feature view, whose empty windows are no fault"] };
  }
  const notes: string[] = [];
  const rule: QualityRules = {};
  const { completeness, num_constraints: number, string_constraints: text } = given;
  if (completeness !== undefined && canBeMissing(feature)) rule.completeness = completeness;
  else if (completeness !== undefined) {
    notes.push("completeness: without a default, an event that lacks it is rejected, and counted there");
  }
  if (number?.is_non_negative === true && keepsItsSign(feature)) rule.nonNegative = true;
  else if (number?.is_non_negative === true) {
    notes.push(
      "is_non_negative: what the model gets of it is transformed; set min, which rejects such events",
    );
  }
  if (text?.domains !== undefined) notes.push(...domainNotes(feature, text.domains));
  if (text?.domains !== undefined && takesUnlisted(feature)) rule.domain = domainShare;
  if (Object.keys(given.monitoringConfigOverrides ?? {}).length > 0)
    notes.push("monitoringConfigOverrides: thresholds are the package's, not a feature's");
  return { rule, notes };
}

function canBeMissing(feature: EventFeature): boolean {
  const [first] = transformsOf(feature);
  const isOneHot = typeof first === "object" && "oneHot" in first;
  return isOneHot ? first.unknown !== undefined : feature.default !== undefined;
}

function keepsItsSign(feature: EventFeature): boolean {
  return transformsOf(feature).every(
    (each) => each === "number" || (typeof each === "object" && "clip" in each),
  );
}

function listOf(
  feature: EventFeature,
): { readonly values: readonly string[]; readonly isOpen: boolean } | undefined {
  const [first] = transformsOf(feature);
  if (typeof first !== "object") return undefined;
  if ("index" in first) return { values: first.index.map(String), isOpen: first.unknown !== undefined };
  if ("oneHot" in first) return { values: first.oneHot.map(String), isOpen: first.unknown !== undefined };
  return undefined;
}

function takesUnlisted(feature: EventFeature): boolean {
  return listOf(feature)?.isOpen ?? false;
}

function domainNotes(feature: EventFeature, domains: readonly string[]): string[] {
  const list = listOf(feature);
  if (list === undefined) return ["domains: the package has no list of its values (index or oneHot)"];
  const differing = domains.filter((value) => !list.values.includes(value)).length;
  return [
    ...(list.isOpen
      ? []
      : ["domains: without unknown, a value that is not on the list is rejected, and counted there"]),
    ...(differing === 0
      ? []
      : [
          `domains: ${differing} of its ${domains.length} values are not on the package's list, which is what counts`,
        ]),
  ];
}

function notesOf(
  config: NonNullable<Constraints["monitoring_config"]>,
  { threshold, isUsual }: { readonly threshold: number | undefined; readonly isUsual: boolean },
): string[] {
  const compared = config.distribution_constraints;
  const categorical = compared?.categorical_comparison_threshold;
  return [
    ...(config.datatype_check_threshold === undefined
      ? []
      : ["datatype_check_threshold: an event with a value of another type is rejected, and counted there"]),
    ...(compared?.perform_comparison === "Disabled"
      ? ["perform_comparison Disabled: name features in drift.exclude that are not to be compared"]
      : []),
    ...(isUsual
      ? [
          `comparison_threshold ${threshold}: the usual one here too; not written, so that it rises to what the reference's own windows vary by`,
        ]
      : []),
    ...(threshold !== undefined && categorical !== undefined && categorical !== threshold
      ? [`categorical_comparison_threshold ${categorical}: one threshold is for all features`]
      : []),
    ...(compared?.comparison_method === undefined && compared?.categorical_drift_method === undefined
      ? []
      : ["comparison_method, categorical_drift_method: every statistic is measured"]),
  ];
}
