import { z } from "zod";
import { numeric } from "../cloudformation/provider.ts";
import { parseSchedule } from "./schedule-expression.ts";
import { isTimeZone } from "./time-zone.ts";

/** A time as CloudFormation writes it, or in epoch seconds as the wire has it; epoch milliseconds here. */
const time = z.union([
  z.number().transform((seconds) => seconds * 1000),
  z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
]);

const target = z.object({
  Arn: z.string().regex(/^arn:[^:]+:(lambda|states):[^:]*:\d{12}:(function|stateMachine):/, {
    message: "the embedded cloud's schedules start functions and state machines: expected the ARN of one",
  }),
  RoleArn: z.string(),
  Input: z.string().optional(),
  RetryPolicy: z
    .object({
      MaximumEventAgeInSeconds: numeric.pipe(z.number().min(60).max(86_400)).default(86_400),
      MaximumRetryAttempts: numeric.pipe(z.number().min(0).max(185)).default(185),
    })
    .prefault({}),
  DeadLetterConfig: z.object({ Arn: z.string().optional() }).optional(),
});

/** What a schedule is, by the names that CloudFormation and the wire share. */
export const scheduleSettings = z.object({
  Description: z.string().optional(),
  ScheduleExpression: z.string().superRefine((text, { addIssue }) => {
    try {
      parseSchedule(text);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      addIssue({ code: "custom", message: error.message });
    }
  }),
  ScheduleExpressionTimezone: z
    .string()
    .refine(isTimeZone, "expected a name such as Europe/Berlin")
    .default("UTC"),
  StartDate: time.optional(),
  EndDate: time.optional(),
  State: z.enum(["ENABLED", "DISABLED"]).default("ENABLED"),
  /** Accepted; everything runs at the window's beginning. */
  FlexibleTimeWindow: z.object({
    Mode: z.enum(["OFF", "FLEXIBLE"]),
    MaximumWindowInMinutes: numeric.optional(),
  }),
  ActionAfterCompletion: z.enum(["NONE", "DELETE"]).default("NONE"),
  KmsKeyArn: z.string().optional(),
  Target: target,
});

export type ScheduleSettings = z.infer<typeof scheduleSettings>;

/** A schedule that exists. */
export interface Schedule {
  readonly name: string;
  readonly groupName: string;
  readonly arn: string;
  readonly settings: ScheduleSettings;
  readonly createdMs: number;
  readonly modifiedMs: number;
}
