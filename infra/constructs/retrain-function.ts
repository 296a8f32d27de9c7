import { ArnFormat, Duration, Stack, Validations } from "aws-cdk-lib";
import type * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import * as iam from "aws-cdk-lib/aws-iam";
import { CfnSchedule } from "aws-cdk-lib/aws-scheduler";
import * as sqs from "aws-cdk-lib/aws-sqs";
import type * as stepfunctions from "aws-cdk-lib/aws-stepfunctions";
import type { Construct } from "constructs";
import type { RetrainEnv } from "../../functions/contract/env.ts";
import type { StageName } from "../../functions/contract/stack-outputs.ts";
import type { LearningSettings } from "../config/learning-settings.ts";
import { acknowledgeWildcard } from "./acknowledge-wildcard.ts";
import { addAlarm } from "./add-alarm.ts";
import { modelMetric } from "./model-metrics.ts";
import { NodeFunction, type NodeFunctionProps } from "./node-function.ts";
import type { StateResources } from "./state-resources.ts";

export interface RetrainFunctionProps extends Omit<NodeFunctionProps, "settings" | "environment"> {
  readonly stage: StageName;
  readonly model: string;
  readonly learning: LearningSettings;
  readonly state: StateResources;
  readonly machine: stepfunctions.StateMachine;
}

/** It reads and writes a record, and starts an execution; the rest of the time it waits for somebody else's write. */
const settings = { memoryMiB: 256, timeoutSeconds: 60 };

/** Scheduler tries for so long to call it; a day later is as good, but then it is better to be told. */
const retrySeconds = 3600;

/** The one door to a model's retraining: a schedule, alarms and people call it, and it starts one execution at a time. */
export class RetrainFunction extends NodeFunction implements cloudwatch.IAlarmAction {
  constructor(scope: Construct, id: string, props: RetrainFunctionProps) {
    const { stage, model, learning, state, machine, ...rest } = props;
    const environment: RetrainEnv = {
      HEADRACE_STAGE: stage,
      HEADRACE_MODEL: model,
      HEADRACE_SKETCHES_TABLE: state.features.sketches.tableName,
      HEADRACE_STATE_MACHINE: machine.stateMachineArn,
      HEADRACE_COOL_DOWN_HOURS: String(learning.coolDownHours),
      HEADRACE_MOST_PER_MONTH: String(learning.mostPerMonth),
    };
    super(scope, id, { ...rest, settings, environment });
    state.features.grantLearn(this, model);
    this.#grantStart(machine);
    this.#addSchedule(learning);
    this.#addAlarms(props);
  }

  bind(): cloudwatch.AlarmActionConfig {
    return { alarmActionArn: this.function.functionArn };
  }

  #grantStart(machine: stepfunctions.StateMachine): void {
    iam.Grant.addToPrincipal({
      grantee: this,
      actions: ["states:StartExecution"],
      resourceArns: [machine.stateMachineArn],
    });
    const executions = Stack.of(this).formatArn({
      service: "states",
      resource: "execution",
      resourceName: `${machine.stateMachineName}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    iam.Grant.addToPrincipal({
      grantee: this,
      actions: ["states:DescribeExecution"],
      resourceArns: [executions],
    });
    acknowledgeWildcard(this.function.role!, {
      resource: executions,
      reason:
        "An execution is named when it is started; only those of the one state machine may be looked at.",
    });
  }

  #addSchedule({ schedule, timezone, flexibleMinutes }: LearningSettings): void {
    const failed = new sqs.Queue(this, "Failed", {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(failed).acknowledge({
      id: "AwsSolutions-SQS3",
      reason: "It is the dead-letter queue itself.",
    });
    const role = new iam.Role(this, "ScheduleRole", {
      assumedBy: new iam.ServicePrincipal("scheduler.amazonaws.com"),
    });
    const grant = (action: string, arn: string) =>
      iam.Grant.addToPrincipal({ grantee: role, actions: [action], resourceArns: [arn] });
    grant("lambda:InvokeFunction", this.function.functionArn);
    grant("sqs:SendMessage", failed.queueArn);
    new CfnSchedule(this, "Schedule", {
      description: "trains a model anew",
      scheduleExpression: schedule,
      scheduleExpressionTimezone: timezone,
      flexibleTimeWindow:
        flexibleMinutes === 0
          ? { mode: "OFF" }
          : { mode: "FLEXIBLE", maximumWindowInMinutes: flexibleMinutes },
      target: {
        arn: this.function.functionArn,
        roleArn: role.roleArn,
        input: JSON.stringify({ reason: "schedule", by: `schedule ${schedule}` }),
        retryPolicy: { maximumEventAgeInSeconds: retrySeconds, maximumRetryAttempts: 10 },
        deadLetterConfig: { arn: failed.queueArn },
      },
    });
  }

  /** Of a metric that another alarm watches too: this one acts, and stands and goes with what it calls. */
  #addAlarms({ stage, model, learning, state }: RetrainFunctionProps): void {
    const { onDrift, onAccuracy } = learning;
    const topic = state.alarms;
    addAlarm(this, "Errors", {
      metric: this.function.metricErrors({ period: Duration.minutes(5) }),
      threshold: 1,
      evaluationPeriods: 1,
      description: "a retraining that was asked for was perhaps not started: the function at the door failed",
      entry: "retrainerrors",
      topic,
    });
    if (!onDrift && onAccuracy === undefined) return;
    const stack = Stack.of(this);
    this.function.addPermission("Alarms", {
      principal: new iam.ServicePrincipal("lambda.alarms.cloudwatch.amazonaws.com"),
      sourceAccount: stack.account,
      // Named so that alarms refer to the function, and it to none of them.
      sourceArn: stack.formatArn({
        service: "cloudwatch",
        resource: "alarm",
        resourceName: `${stack.stackName}-*`,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    });
    const shared = { evaluationPeriods: 1, topic, action: this };
    if (onDrift) {
      addAlarm(this, "Drift", {
        ...shared,
        metric: modelMetric({ stage, model }, "DriftAlarm", {
          statistic: "Maximum",
          period: Duration.minutes(10),
        }),
        threshold: 1,
        description:
          "what the model is asked, or what it says, is not what it was trained on: it is trained anew",
        entry: "drift",
      });
    }
    if (onAccuracy !== undefined) {
      addAlarm(this, "Accuracy", {
        ...shared,
        metric: modelMetric({ stage, model }, onAccuracy.loss, {
          statistic: "Average",
          period: Duration.hours(onAccuracy.hours),
        }),
        threshold: onAccuracy.threshold,
        description: "outcomes show that the model is less accurate than it should be: it is trained anew",
        entry: "accuracy",
      });
    }
  }
}
