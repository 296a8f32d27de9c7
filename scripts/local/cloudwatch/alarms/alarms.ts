import { AwsError } from "../../aws-error.ts";
import type { Activity } from "../../clock/activity.ts";
import type { Clock } from "../../clock/clock.ts";
import type { MetricStore } from "../../metrics/metric-store.ts";
import { type AlarmDefinition, type AlarmState, periodOf, returnedQuery } from "./alarm-definition.ts";
import { functionEvent, topicMessage } from "./alarm-event.ts";
import { decideState, extraPeriods } from "./decide-state.ts";
import { readDatapoints } from "./read-datapoints.ts";
import { reasonFor } from "./state-reason.ts";

/** A state, and how an alarm came to it. */
export interface StateChange {
  readonly value: AlarmState;
  readonly reason: string;
  /** JSON. */
  readonly reasonData?: string;
  readonly atMs: number;
}

export interface Alarm {
  readonly definition: AlarmDefinition;
  readonly state: StateChange;
  readonly actionsEnabled: boolean;
}

/** What the actions of alarms do. */
export interface AlarmActions {
  /** Asynchronously, as CloudWatch does. */
  invoke(functionArn: string, payload: string): void | Promise<void>;
  publish(
    topicArn: string,
    message: { readonly subject: string; readonly message: string },
  ): Promise<unknown>;
}

export interface AlarmsOptions {
  readonly clock: Clock;
  /** Counts the actions under way. */
  readonly activity: Activity;
  readonly metrics: MetricStore;
  readonly actions: AlarmActions;
  /** Each change of a state, and each action that failed. */
  readonly onLog: (line: string) => void;
}

/**
 * The alarms of the embedded CloudWatch: evaluated at every whole minute, those with periods below a minute every
 * ten seconds, half a second late so that what was measured until then has arrived.
 *
 * A change of state runs the actions of the new one. The alarm's period is a window that ends at the evaluation, so one
 * of five minutes is looked at each minute. Not as in AWS: no composite alarms, no anomaly detection, no Metrics Insights;
 * an alarm on an expression keeps its state.
 */
export class Alarms {
  readonly #options: AlarmsOptions;
  readonly #alarms = new Map<string, Alarm>();
  #cancelTick: (() => void) | undefined;
  #nextTickMs = Infinity;

  constructor(options: AlarmsOptions) {
    this.#options = options;
  }

  /** @param settings - `actionsEnabled`: whether changes of state run actions. */
  put(definition: AlarmDefinition, settings: { readonly actionsEnabled: boolean }): void {
    if (this.#alarms.has(definition.name)) {
      throw new AwsError("ResourceConflict", `alarm ${definition.name} exists already`, 409);
    }
    const state = {
      value: "INSUFFICIENT_DATA",
      reason:
        returnedQuery(definition).metric === undefined
          ? "the embedded cloud does not evaluate metric math"
          : "Unchecked: Initial alarm creation",
      atMs: this.#options.clock.nowMs(),
    } as const;
    this.#alarms.set(definition.name, { definition, state, ...settings });
    this.#schedule();
  }

  delete(name: string): void {
    this.#alarms.delete(name);
    this.#schedule();
  }

  /** In the order they were made. */
  list(): readonly Alarm[] {
    return [...this.#alarms.values()];
  }

  /**
   * Put an alarm into a state, with the actions of it, until the next evaluation says otherwise.
   *
   * @throws {AwsError} `ResourceNotFound`.
   */
  setState(name: string, state: Omit<StateChange, "atMs">): void {
    const alarm = this.#alarms.get(name);
    if (alarm === undefined) throw new AwsError("ResourceNotFound", `got no alarm "${name}"`, 404);
    this.#change(alarm, state);
  }

  /** Switch actions on or off; unknown names are passed over, as CloudWatch does. */
  enableActions(names: readonly string[], actionsEnabled: boolean): void {
    for (const name of names) {
      const alarm = this.#alarms.get(name);
      if (alarm !== undefined) this.#alarms.set(name, { ...alarm, actionsEnabled });
    }
  }

  close(): void {
    this.#cancelTick?.();
    this.#cancelTick = undefined;
    this.#alarms.clear();
  }

  /** Aim at the next evaluation that some alarm needs. */
  #schedule(): void {
    const stepsMs = this.list().map(({ definition }) => stepMsOf(definition));
    const nowMs = this.#options.clock.nowMs();
    const stepMs = Math.min(...stepsMs);
    const nextMs = (Math.floor((nowMs - arrivalMs) / stepMs) + 1) * stepMs;
    const dueMs = stepsMs.length === 0 ? Infinity : nextMs;
    if (dueMs === this.#nextTickMs) return;
    this.#cancelTick?.();
    this.#nextTickMs = dueMs;
    if (dueMs === Infinity) return;
    this.#cancelTick = this.#options.clock.at(dueMs + arrivalMs, () => {
      this.#nextTickMs = Infinity;
      for (const alarm of this.list())
        if (dueMs % stepMsOf(alarm.definition) === 0) this.#evaluate(alarm, dueMs);
      this.#schedule();
    });
  }

  #evaluate(alarm: Alarm, untilMs: number): void {
    const { definition, state } = alarm;
    const { metric } = returnedQuery(definition);
    if (metric === undefined) return;
    const range = { untilMs, count: definition.evaluationPeriods + extraPeriods };
    const datapoints = readDatapoints(this.#options.metrics, metric, range);
    const value = decideState(datapoints, definition, state.value);
    if (value === state.value) return;
    this.#change(alarm, { value, ...reasonFor(value, { definition, datapoints, untilMs }) });
  }

  #change(alarm: Alarm, change: Omit<StateChange, "atMs">): void {
    const { definition, state: previous } = alarm;
    const changed = { ...alarm, state: { ...change, atMs: this.#options.clock.nowMs() } };
    this.#alarms.set(definition.name, changed);
    if (change.value === previous.value) return;
    this.#options.onLog(`${definition.name}: ${previous.value} -> ${change.value}: ${change.reason}`);
    if (!alarm.actionsEnabled) return;
    for (const actionArn of definition.actions[change.value]) {
      this.#options.activity
        .run(() => this.#act(actionArn, changed, previous))
        .catch((error: unknown) =>
          this.#options.onLog(`${definition.name}: action ${actionArn} failed: ${error}`),
        );
    }
  }

  async #act(actionArn: string, alarm: Alarm, previous: StateChange): Promise<void> {
    const { actions } = this.#options;
    const service = actionArn.split(":")[2];
    if (service === "lambda") await actions.invoke(actionArn, JSON.stringify(functionEvent(alarm, previous)));
    else if (service === "sns") await actions.publish(actionArn, topicMessage(alarm, previous));
    else throw new Error(`got a ${service} action, the embedded cloud has functions and topics`);
  }
}

/** What was measured in a period may arrive a little after it. */
const arrivalMs = 500;

function stepMsOf(definition: AlarmDefinition): number {
  return periodOf(definition) < 60 ? 10_000 : 60_000;
}
