import * as z from "zod/mini";

/** An alarm that went off, as far as the guard needs to know it. */
export interface FiredAlarm {
  readonly name: string;
  /** CloudWatch's own words. */
  readonly reason: string;
  /** When what it saw began, and when it went off; epoch milliseconds. */
  readonly fromMs: number;
  readonly firedMs: number;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

const time = z.pipe(
  z.string(),
  z.transform((text, context) => {
    const ms = Date.parse(text);
    if (Number.isNaN(ms)) context.issues.push({ code: "custom", message: "not a time", input: text });
    return ms;
  }),
);

const alarmEvent = z.object({
  source: z.literal("aws.cloudwatch"),
  alarmArn: z.string(),
  alarmData: z.object({
    alarmName: z.string(),
    state: z.object({
      value: z.literal("ALARM"),
      reason: z.string(),
      timestamp: time,
      /** JSON, of which `startDate` is the start of the first period that was evaluated. */
      reasonData: z.optional(z.string()),
    }),
    configuration: z.object({
      metrics: z.tuple([
        z.object({
          metricStat: z.object({
            metric: z.object({
              namespace: z.literal("Headrace"),
              name: z.string(),
              dimensions: z.record(z.string(), z.string()),
            }),
          }),
        }),
      ]),
    }),
  }),
});

/** How far back an alarm looked that does not say it: some periods, since metrics come late. */
const defaultLookBackMs = 60_000;

/**
 * Read what CloudWatch sends a function as an alarm's action.
 *
 * @returns the alarm, or what is wrong with the event: it is no alarm, has not gone off, or is not on one metric of ours.
 * @see CloudWatch user guide, "Invoke a Lambda function from an alarm"
 */
export function readAlarm(event: unknown): FiredAlarm | { readonly problem: string } {
  const parsed = alarmEvent.safeParse(event);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${path.join(".") || "event"}: ${message}`,
    );
    return { problem: problems.join("; ") };
  }
  const { alarmName, state, configuration } = parsed.data.alarmData;
  const { name, dimensions } = configuration.metrics[0].metricStat.metric;
  return {
    name: alarmName,
    reason: state.reason,
    fromMs: startOf(state.reasonData) ?? state.timestamp - defaultLookBackMs,
    firedMs: state.timestamp,
    metric: name,
    dimensions,
  };
}

const reasonData = z.object({ startDate: time });

function startOf(text: string | undefined): number | undefined {
  try {
    return reasonData.safeParse(JSON.parse(text ?? "null")).data?.startDate;
  } catch {
    // An alarm that was set by hand may have anything there; then the default holds.
    return undefined;
  }
}
