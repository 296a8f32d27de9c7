import * as z from "zod";
import { eventSourceSettings } from "./event-source-settings.ts";
import { learningSettings } from "./learning-settings.ts";

/** When a model's alarms go off. */
export const alarmSettings = z.strictObject({
  /** How far the function may fall behind its stream; must be below the greatest record age. */
  iteratorAgeSeconds: z.int().min(1).default(300),
  /** Share of events rejected over five minutes; above 0, at most 1. */
  rejectedRatio: z.number().gt(0).max(1).default(0.05),
  /** Share of outcomes over five minutes that contradict an earlier one of their event; above 0, at most 1. */
  conflictingRatio: z.number().gt(0).max(1).default(0.05),
  /** Rows in ten seconds on which a challenger fails that take it off. Above 5 % of them it is stopped whatever this says. */
  challengerErrors: z.int().min(1).default(10),
  /** What one call in a hundred takes at least, over minutes on end, in the predict function. */
  predictLatencyMs: z.int().min(1).max(29_000).default(1000),
});

/** What answers a model's HTTPS calls; stands beside the stream function and is sized by itself. */
export const predictSettings = z.strictObject({
  memoryMiB: z.int().min(128).max(10_240).default(1769),
  /** API Gateway waits no longer than 29 s. */
  timeoutSeconds: z.int().min(1).max(29).default(29),
  reservedConcurrency: z.int().min(1).optional(),
});

/** What one model's functions get; every default is written here and nowhere else. */
export const modelSettings = z
  .strictObject({
    /** Memory and, with it, CPU: 1,769 MiB is one whole vCPU. */
    memoryMiB: z.int().min(128).max(10_240).default(1769),
    timeoutSeconds: z.int().min(1).max(900).default(60),
    /**
     * Whether the model's package may have views or an outcome, whose state takes one writer per shard. False allows
     * more batches of a shard at once, and publishing then refuses such packages.
     */
    stateful: z.boolean().default(true),
    /** In `target=local` the machine's own architecture is taken instead: the functions run there. */
    architecture: z.enum(["arm64", "x86_64"]).default("arm64"),
    /** Greatest number of concurrent executions, taken out of the account's; without it only the account's limit holds. */
    reservedConcurrency: z.int().min(1).optional(),
    /** Days that a stored prediction is kept. */
    predictionDays: z.int().min(1).max(9999).default(30),
    /**
     * How it reads the events stream: sharing 2 MB/s per shard with its other readers, or with 2 MB/s of its own (`fanOut`),
     * which is pushed to it sooner and is paid for by shard-hour and GB.
     */
    consumer: z.enum(["standard", "fanOut"]).default("standard"),
    eventSource: eventSourceSettings.prefault({}),
    predict: predictSettings.prefault({}),
    alarms: alarmSettings.prefault({}),
    /** `{}` for its defaults; without it the model is never trained anew. */
    learning: learningSettings.optional(),
  })
  .refine(({ alarms, eventSource }) => alarms.iteratorAgeSeconds < eventSource.maxRecordAgeSeconds, {
    path: ["alarms", "iteratorAgeSeconds"],
    message: "expected less than eventSource.maxRecordAgeSeconds: at that age records are already parked",
  })
  .refine(({ stateful, eventSource }) => !stateful || eventSource.parallelizationFactor === 1, {
    path: ["eventSource", "parallelizationFactor"],
    message:
      "expected 1: views and outcomes need one writer per shard; raise the number of shards, or set stateful: false for a model that has neither",
  });

export type ModelSettings = z.infer<typeof modelSettings>;
