import { RetentionDays } from "aws-cdk-lib/aws-logs";
import * as z from "zod";
import { modelName } from "../../functions/contract/model-package.ts";
import { apiSettings } from "./api-settings.ts";
import { budgetSettings } from "./budget-settings.ts";
import { modelSettings } from "./model-settings.ts";

const streamSettings = z.strictObject({
  /** `onDemand`, or a fixed number of shards (1 MB/s or 1,000 records/s in, each). */
  capacity: z
    .union([z.literal("onDemand"), z.strictObject({ shards: z.int().min(1).max(10_000) })])
    .default("onDemand"),
  /** Hours that records stay readable: 24 to 8,760 (365 days). */
  retentionHours: z.int().min(24).max(8760).default(24),
});

/** Every event of the events stream, kept in S3: what a backfill of new features replays. */
const archiveSettings = z.strictObject({
  /** Without it there is no archive function; what was archived before stays its days. */
  enabled: z.boolean().default(true),
  /** A year with its seasons, and a month to train on it. */
  retentionDays: z.int().min(1).default(400),
});

const retentionDays = z.int().refine((days) => days in RetentionDays && days !== RetentionDays.INFINITE, {
  message:
    "expected a retention CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, … days",
});

/**
 * What differs between stages. Defaults are written here once; `stages.ts` says only what departs from them.
 */
export const stageConfig = z
  .strictObject({
    /**
     * Whether losing this stage's state would hurt. True: tables, buckets and streams outlive their stack, tables
     * refuse deletion and have point-in-time recovery. False: deleting the stack deletes them (buckets must be empty).
     */
    durable: z.boolean(),
    events: streamSettings.prefault({}),
    predictions: streamSettings.prefault({}),
    logRetentionDays: retentionDays.default(30),
    /** Days that rejected and parked originals wait to be redriven. */
    rejectedDays: z.int().min(1).default(90),
    parkedDays: z.int().min(1).default(90),
    archive: archiveSettings.prefault({}),
    /** Days that examples, and outcomes that came before their predictions, are kept for training. */
    exampleDays: z.int().min(1).default(400),
    /** Days that training data, reports and models of executions are kept; one may take 130. */
    learningDays: z.int().min(1).default(180),
    api: apiSettings.prefault({}),
    /** Off without it; never there locally. */
    budget: budgetSettings.optional(),
    /** The models that are served, by name. */
    models: z.record(modelName, modelSettings).refine((models) => Object.keys(models).length > 0, {
      message: "expected at least one model",
    }),
  })
  .superRefine(({ models, events }, context) => {
    for (const [name, { eventSource }] of Object.entries(models)) {
      if (eventSource.maxRecordAgeSeconds < events.retentionHours * 3600) continue;
      context.addIssue({
        code: "custom",
        path: ["models", name, "eventSource", "maxRecordAgeSeconds"],
        message: `expected less than the events stream's retention of ${events.retentionHours * 3600} s: older records expire unparked`,
      });
    }
  });

export type StageConfig = z.infer<typeof stageConfig>;
/** A stage as written down, defaults left out. */
export type StageInput = z.input<typeof stageConfig>;
