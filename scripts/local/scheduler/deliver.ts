import { AwsError } from "../aws-error.ts";
import type { Activity } from "../clock/activity.ts";
import { type Clock, waitUntil } from "../clock/clock.ts";
import type { Schedule } from "./schedule.ts";

/** What schedules start, and where they put what they could not. */
export interface ScheduleTargets {
  /** Asynchronously, as Scheduler does: the function's own errors are Lambda's to retry. */
  invoke(functionArn: string, payload: string): void | Promise<void>;
  startExecution(stateMachineArn: string, input: string): void | Promise<void>;
  sendMessage(
    queueArn: string,
    message: { readonly body: string; readonly attributes: Readonly<Record<string, string>> },
  ): Promise<unknown>;
}

export interface Delivery {
  readonly schedule: Schedule;
  readonly scheduledMs: number;
  readonly executionId: string;
}

export interface DeliveryOptions {
  readonly clock: Clock;
  readonly activity: Activity;
  readonly targets: ScheduleTargets;
  /** Ends the wait between attempts. */
  readonly signal: AbortSignal;
  /** Once for each attempt that failed. */
  readonly onError: (error: AwsError) => void;
}

/**
 * Start a schedule's target once, by its retry policy, and park what cannot be started in its queue.
 *
 * Throttling and faults of the target's service are retried after 1, 2, 4, … up to 300 s; anything else is parked at once.
 *
 * @returns whether the target was started.
 */
export async function deliver(delivery: Delivery, options: DeliveryOptions): Promise<boolean> {
  const { clock, activity, signal, onError } = options;
  const { Target } = delivery.schedule.settings;
  const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = Target.RetryPolicy;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await start(delivery, attempt, options.targets);
      return true;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      onError(error);
      const nextMs = clock.nowMs() + Math.min(2 ** (attempt - 1), 300) * 1000;
      const isOver = nextMs > delivery.scheduledMs + MaximumEventAgeInSeconds * 1000;
      if (!isRetryable(error) || attempt > MaximumRetryAttempts || isOver) {
        const condition =
          attempt > MaximumRetryAttempts
            ? "MaximumRetryAttempts"
            : isOver
              ? "MaximumEventAgeInSeconds"
              : undefined;
        await park({ delivery, attempt, error, condition }, options.targets);
        return false;
      }
      await activity.pause(() => waitUntil(clock, nextMs, signal));
    }
  }
}

async function start(delivery: Delivery, attempt: number, targets: ScheduleTargets): Promise<void> {
  const { Target } = delivery.schedule.settings;
  const input = inputOf(delivery, attempt);
  if (Target.Arn.split(":")[2] === "lambda") await targets.invoke(Target.Arn, input);
  else await targets.startExecution(Target.Arn, input);
}

/** Without an input of its own a target gets an empty object. */
function inputOf({ schedule, scheduledMs, executionId }: Delivery, attempt: number): string {
  return (schedule.settings.Target.Input ?? "{}")
    .replaceAll("<aws.scheduler.schedule-arn>", schedule.arn)
    .replaceAll("<aws.scheduler.scheduled-time>", isoSeconds(scheduledMs))
    .replaceAll("<aws.scheduler.execution-id>", executionId)
    .replaceAll("<aws.scheduler.attempt-number>", String(attempt));
}

interface Parked {
  readonly delivery: Delivery;
  readonly attempt: number;
  readonly error: AwsError;
  readonly condition: string | undefined;
}

async function park(
  { delivery, attempt, error, condition }: Parked,
  targets: ScheduleTargets,
): Promise<void> {
  const { schedule, scheduledMs, executionId } = delivery;
  const { Arn, DeadLetterConfig } = schedule.settings.Target;
  if (DeadLetterConfig?.Arn === undefined) return;
  const attributes = {
    ERROR_CODE: error.code,
    ERROR_MESSAGE: error.message,
    EXECUTION_ID: executionId,
    ...(condition !== undefined && { EXHAUSTED_RETRY_CONDITION: condition }),
    IS_PAYLOAD_TRUNCATED: "false",
    RETRY_ATTEMPTS: String(attempt - 1),
    SCHEDULED_TIME: isoSeconds(scheduledMs),
    SCHEDULE_ARN: schedule.arn,
    TARGET_ARN: Arn,
  };
  await targets.sendMessage(DeadLetterConfig.Arn, { body: inputOf(delivery, attempt), attributes });
}

function isRetryable({ httpStatus }: AwsError): boolean {
  return httpStatus === 429 || httpStatus >= 500;
}

function isoSeconds(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d+Z$/, "Z");
}
