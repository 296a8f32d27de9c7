/** Metric of each way that an outcome can go. */
export const fateMetrics = {
  /** Written to a prediction, now or by an earlier delivery of the same event. */
  joined: "OutcomesJoined",
  /** Another event said something else before; the first stands. */
  conflicting: "OutcomesConflicting",
  /** Another event said the same before. */
  repeated: "OutcomesRepeated",
  /** Later after the predicted event than the package allows. */
  late: "OutcomesLate",
  /** No prediction yet. */
  early: "OutcomesEarly",
} as const;

export type OutcomeFate = keyof typeof fateMetrics;

/** How a fact that concerns several predictions fared: the first of the above that befell it; early where there is none. */
export function chiefFate(fates: readonly OutcomeFate[]): OutcomeFate {
  return (Object.keys(fateMetrics) as OutcomeFate[]).find((each) => fates.includes(each)) ?? "early";
}
