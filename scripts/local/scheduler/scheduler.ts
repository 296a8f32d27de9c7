import { randomUUID } from "node:crypto";
import { AwsError } from "../aws-error.ts";
import type { Activity } from "../clock/activity.ts";
import type { Clock } from "../clock/clock.ts";
import type { MetricStore } from "../metrics/metric-store.ts";
import { type LocalService, localAccount, localRegion } from "../service.ts";
import { deliver, type ScheduleTargets } from "./deliver.ts";
import type { Schedule, ScheduleSettings } from "./schedule.ts";
import { parseSchedule } from "./schedule-expression.ts";
import { handleSchedulerRequest } from "./scheduler-wire.ts";

export interface SchedulerOptions {
  readonly clock: Clock;
  readonly activity: Activity;
  readonly metrics: MetricStore;
  readonly targets: ScheduleTargets;
  /** Each target that could not be started. */
  readonly onLog: (line: string) => void;
}

export interface ScheduleGroup {
  readonly name: string;
  readonly arn: string;
  readonly createdMs: number;
}

export interface ScheduleName {
  readonly name: string;
  /** @default "default" */
  readonly groupName?: string;
}

/**
 * EventBridge Scheduler of the embedded cloud: starts functions and state machines at rates, by cron expressions in time
 * zones, and once.
 *
 * Not as in AWS: a flexible time window is accepted and everything runs at its beginning; a rate without a start
 * begins at the next whole minute; targets are functions and state machines.
 */
export class Scheduler implements LocalService {
  readonly signingNames = ["scheduler"];
  readonly #options: SchedulerOptions;
  readonly #schedules = new Map<string, Timed>();
  readonly #groups = new Map<string, ScheduleGroup>();
  readonly #closing = new AbortController();

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.createGroup("default");
  }

  handle: LocalService["handle"] = (request, response) => handleSchedulerRequest(this, request, response);

  /** @throws {AwsError} `ConflictException`. */
  createGroup(name: string): ScheduleGroup {
    if (this.#groups.has(name)) throw conflict(`schedule group ${name} exists already`);
    const arn = `arn:aws:scheduler:${localRegion}:${localAccount}:schedule-group/${name}`;
    const group = { name, arn, createdMs: this.#options.clock.nowMs() };
    this.#groups.set(name, group);
    return group;
  }

  /** Delete a group with its schedules. */
  deleteGroup(name: string): void {
    this.getGroup(name);
    for (const { groupName, name: schedule } of this.list())
      if (groupName === name) this.delete({ name: schedule, groupName });
    this.#groups.delete(name);
  }

  /** @throws {AwsError} `ResourceNotFoundException`. */
  getGroup(name: string): ScheduleGroup {
    const group = this.#groups.get(name);
    if (group === undefined) throw notFound(`Schedule group ${name}`);
    return group;
  }

  listGroups(): readonly ScheduleGroup[] {
    return [...this.#groups.values()];
  }

  /** @throws {AwsError} `ConflictException`; `ResourceNotFoundException` for the group. */
  create({ name, groupName = "default" }: ScheduleName, settings: ScheduleSettings): Schedule {
    this.getGroup(groupName);
    if (this.#schedules.has(keyOf(groupName, name))) throw conflict(`schedule ${name} exists already`);
    const arn = `arn:aws:scheduler:${localRegion}:${localAccount}:schedule/${groupName}/${name}`;
    const nowMs = this.#options.clock.nowMs();
    return this.#put({ name, groupName, arn, settings, createdMs: nowMs, modifiedMs: nowMs });
  }

  /** Replace everything about a schedule, as Scheduler does: what is not given is default again. */
  update(name: ScheduleName, settings: ScheduleSettings): Schedule {
    const schedule = this.get(name);
    this.#cancel(schedule);
    return this.#put({ ...schedule, settings, modifiedMs: this.#options.clock.nowMs() });
  }

  delete(name: ScheduleName): void {
    const schedule = this.get(name);
    this.#cancel(schedule);
    this.#schedules.delete(keyOf(schedule.groupName, schedule.name));
  }

  /** @throws {AwsError} `ResourceNotFoundException`. */
  get({ name, groupName = "default" }: ScheduleName): Schedule {
    const found = this.#schedules.get(keyOf(groupName, name));
    if (found === undefined) throw notFound(`Schedule ${name}`);
    return found.schedule;
  }

  list(): readonly Schedule[] {
    return [...this.#schedules.values()].map(({ schedule }) => schedule);
  }

  /** When a schedule runs next; undefined when it does not. */
  nextMs(name: ScheduleName): number | undefined {
    const { groupName, name: bare } = this.get(name);
    return this.#schedules.get(keyOf(groupName, bare))?.dueMs;
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error("the embedded cloud is stopping"));
    for (const schedule of this.list()) this.delete(schedule);
  }

  #put(schedule: Schedule): Schedule {
    this.#aim(schedule, this.#options.clock.nowMs() - 1);
    return schedule;
  }

  #cancel({ groupName, name }: Schedule): void {
    this.#schedules.get(keyOf(groupName, name))?.cancel();
  }

  /** Set the timer of the first run after `afterMs`. @returns whether there is one. */
  #aim(schedule: Schedule, afterMs: number): boolean {
    const key = keyOf(schedule.groupName, schedule.name);
    const dueMs = nextRunMs(schedule, afterMs);
    const cancel =
      dueMs === undefined ? () => undefined : this.#options.clock.at(dueMs, () => this.#run(schedule, dueMs));
    this.#schedules.set(key, { schedule, dueMs, cancel });
    return dueMs !== undefined;
  }

  #run(schedule: Schedule, scheduledMs: number): void {
    const { clock, activity, targets, onLog } = this.#options;
    const { signal } = this.#closing;
    this.#measure(schedule, "InvocationAttemptCount");
    const onError = ({ code, message }: AwsError) => {
      this.#measure(schedule, "TargetErrorCount");
      onLog(`schedule ${schedule.name}: ${code}: ${message}`);
    };
    const delivery = { schedule, scheduledMs, executionId: randomUUID() };
    activity
      .run(() => deliver(delivery, { clock, activity, targets, signal, onError }))
      .then((isStarted) => {
        if (!isStarted) this.#measure(schedule, "InvocationDroppedCount");
      })
      .catch((error: unknown) => {
        if (!signal.aborted) onLog(`schedule ${schedule.name}: failed: ${error}`);
      });
    // After a pause of the machine the runs that were missed come once, not one by one.
    const isGoingOn = this.#aim(schedule, Math.max(scheduledMs, clock.nowMs()));
    if (!isGoingOn && schedule.settings.ActionAfterCompletion === "DELETE") this.delete(schedule);
  }

  #measure({ groupName }: Schedule, metric: string): void {
    this.#options.metrics.put({
      namespace: "AWS/Scheduler",
      metric,
      unit: "Count",
      dimensions: { ScheduleGroup: groupName },
      values: [1],
      timestampMs: this.#options.clock.nowMs(),
    });
  }
}

interface Timed {
  readonly schedule: Schedule;
  readonly dueMs: number | undefined;
  readonly cancel: () => void;
}

const minuteMs = 60_000;

function nextRunMs({ settings, createdMs }: Schedule, afterMs: number): number | undefined {
  if (settings.State === "DISABLED") return undefined;
  const { StartDate, EndDate, ScheduleExpression, ScheduleExpressionTimezone: timeZone } = settings;
  const anchorMs = StartDate ?? Math.ceil(createdMs / minuteMs) * minuteMs;
  const fromMs = Math.max(afterMs, (StartDate ?? -Infinity) - 1);
  const nextMs = parseSchedule(ScheduleExpression).next(fromMs, { timeZone, anchorMs });
  return nextMs !== undefined && nextMs < (EndDate ?? Infinity) ? nextMs : undefined;
}

function keyOf(groupName: string, name: string): string {
  return `${groupName}/${name}`;
}

function conflict(message: string): AwsError {
  return new AwsError("ConflictException", message, 409);
}

function notFound(what: string): AwsError {
  return new AwsError("ResourceNotFoundException", `${what} does not exist.`, 404);
}
