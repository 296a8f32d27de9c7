import * as z from "zod";

/** A job of SageMaker, for what outgrows a Lambda function. */
const trainingJobSettings = z.strictObject({
  /** Of a container that keeps to the contract of trainers: `docs/retraining.md`. */
  image: z.string().min(1),
  instanceType: z.string().regex(/^ml\.[a-z0-9.-]+$/, "expected a type such as ml.m5.xlarge"),
  instanceCount: z.int().min(1).max(20).default(1),
  volumeGiB: z.int().min(1).max(16_384).default(30),
  maxHours: z.int().min(1).max(120).default(4),
  /** What an instance costs, for the estimate of an execution; without it training is not in it. */
  dollarsPerHour: z.number().min(0).default(0),
});

/** When the accuracy that outcomes show has a model trained anew. */
const accuracySettings = z.strictObject({
  /** What is measured of each joined outcome: the first two of a yes or a class, the last of a number. */
  loss: z.enum(["LogLoss", "Brier", "SquaredError"]),
  /** Mean from which on it is too high. */
  threshold: z.number().gt(0),
  /** Over which the mean is taken. */
  hours: z.int().min(1).max(24).default(24),
});

/** When a model is trained anew, and by what; without these settings it never is. */
export const learningSettings = z.strictObject({
  /** Scheduler's `rate(…)`, the first run of which is at once, or `cron(…)`. Default: the 1st and the 15th, at four. */
  schedule: z
    .string()
    .regex(/^(rate\([1-9][0-9]* (minute|hour|day)s?\)|cron\([^()]+\))$/, {
      error: "expected rate(14 days) or cron(0 4 1,15 * ? *)",
    })
    .default("cron(0 4 1,15 * ? *)"),
  /** What `cron` goes by. */
  timezone: z
    .string()
    .regex(/^[A-Za-z0-9_+/-]+$/, "expected a name such as Europe/Berlin")
    .default("UTC"),
  /** Within so many minutes after its time the schedule starts it; 0 for at once. */
  flexibleMinutes: z.int().min(0).max(1440).default(60),
  /** Whether the alarm on drift starts it too. */
  onDrift: z.boolean().default(true),
  /** An alarm on accuracy that starts it too; off without it. */
  onAccuracy: accuracySettings.optional(),
  /** Hours after the start of an execution in which no alarm starts another. */
  coolDownHours: z.int().min(0).max(9999).default(48),
  /** Executions in any 30 days from which on no alarm starts another. */
  mostPerMonth: z.int().min(0).max(9999).default(6),
  /** Whether a person has to promote what proves better, by `npm run models -- promote`. */
  approval: z.boolean().default(false),
  /** How often it looks for a verdict. An execution has room for 2,500 looks: an hour suffices for 90 days. */
  checkSeconds: z.int().min(1).max(86_400).default(3600),
  /** Memory of the built-in trainer and, with it, CPU. New accounts have no more than the default. */
  trainMemoryMiB: z.int().min(512).max(10_240).default(3008),
  trainer: z.union([z.literal("builtIn"), trainingJobSettings]).default("builtIn"),
});

export type LearningSettings = z.infer<typeof learningSettings>;
