import type { ModelPackage } from "../../contract/model-package.ts";
import { isIdPrivate, scoredOutput } from "../../contract/package-problems.ts";

/**
 * Why a version cannot stand beside the champion, as challenger or shadow: the two answer the same events, and what they
 * say of one is compared by one truth.
 *
 * @returns every reason; none where it can.
 */
export function incompatibilities(version: ModelPackage, champion: ModelPackage): readonly string[] {
  const parts = [
    ["event", version.event, champion.event],
    ["predictOn", alternatives(version.predictOn), alternatives(champion.predictOn)],
    ["outcome", truthOf(version), truthOf(champion)],
    // An answer is stored under the event's id, whoever gives it.
    ["private, whether the id is", isIdPrivate(version), isIdPrivate(champion)],
  ] as const;
  const differing = parts.flatMap(([name, got, expected]) =>
    textOf(got) === textOf(expected)
      ? []
      : [`${name}: got ${textOf(got)}, expected ${textOf(expected)} as the champion has it`],
  );
  const [scored, expected] = [scoredOutput(version), scoredOutput(champion)];
  // Of outcomes that differ nothing is compared anyway.
  if (differing.length > 0 || textOf(scored) === textOf(expected)) return differing;
  return [
    `outputs: got ${textOf(scored)} as what the outcome is compared with, expected ${textOf(expected)} as the champion has it`,
  ];
}

/**
 * Whether two versions make the same bytes of every event: a row encoded for one can be run by the other.
 *
 * Features count in their order, which is the tensor's.
 */
export function hasSameInputs(a: ModelPackage, b: ModelPackage): boolean {
  return textOf(inputsOf(a)) === textOf(inputsOf(b));
}

function inputsOf({ event, predictOn, features, views, private: hidden, limits }: ModelPackage) {
  return {
    event,
    predictOn: alternatives(predictOn),
    features: Object.entries(features),
    views,
    private: hidden.toSorted(),
    eventBytes: limits.eventBytes,
  };
}

function truthOf({ outcome }: ModelPackage) {
  return outcome === undefined ? undefined : { ...outcome, on: alternatives(outcome.on) };
}

/** A condition with its one value as a list of one, and lists in one order: what it means, however it is written. */
function alternatives(condition: ModelPackage["predictOn"]): Readonly<Record<string, readonly unknown[]>> {
  return Object.fromEntries(
    Object.entries(condition).map(([path, allowed]) => {
      const values: readonly unknown[] = Array.isArray(allowed) ? allowed : [allowed];
      return [path, [...new Set(values)].toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1))];
    }),
  );
}

/** JSON with keys in order, so that equal values have equal texts. */
function textOf(value: unknown): string {
  if (value === undefined) return "none";
  return JSON.stringify(value, (_, each: unknown) =>
    each !== null && typeof each === "object" && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
