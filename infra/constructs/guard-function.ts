import { ArnFormat, Duration, Stack } from "aws-cdk-lib";
import type * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { GuardEnv } from "../../functions/contract/env.ts";
import type { StageName } from "../../functions/contract/stack-outputs.ts";
import { addAlarm } from "./add-alarm.ts";
import { NodeFunction, type NodeFunctionProps } from "./node-function.ts";
import type { StateResources } from "./state-resources.ts";

export interface GuardFunctionProps extends Omit<NodeFunctionProps, "settings" | "environment"> {
  readonly stage: StageName;
  /** Names of the models that are served. */
  readonly models: readonly string[];
  /** The functions that run them, whose environments it may have replaced. */
  readonly inferenceFunctions: readonly lambda.IFunction[];
  readonly state: StateResources;
}

/** It writes a ledger entry or a function's variables; the rest of the time it waits for somebody else's change to end. */
const settings = { memoryMiB: 256, timeoutSeconds: 60 };

/**
 * Acts on alarms: takes a challenger at fault off the ledger, and gives back the memory of a function.
 *
 * One permission lets all alarms of the stack call it: one each would soon exceed the 20 kB of a function's policy. It is
 * made of the stack's name, so that alarms refer to the guard, the guard to the functions, and nothing back.
 */
export class GuardFunction extends NodeFunction implements cloudwatch.IAlarmAction {
  constructor(
    scope: Construct,
    id: string,
    { stage, models, inferenceFunctions, state, ...props }: GuardFunctionProps,
  ) {
    const environment: GuardEnv = {
      HEADRACE_STAGE: stage,
      HEADRACE_LEDGER_TABLE: state.registry.ledger.tableName,
      HEADRACE_MODELS: models.join(","),
    };
    super(scope, id, { ...props, settings, environment });
    state.registry.grantMove(this, models);
    iam.Grant.addToPrincipal({
      grantee: this,
      actions: ["lambda:GetFunctionConfiguration", "lambda:UpdateFunctionConfiguration"],
      resourceArns: inferenceFunctions.map(({ functionArn }) => functionArn),
    });
    const stack = Stack.of(this);
    this.function.addPermission("Alarms", {
      principal: new iam.ServicePrincipal("lambda.alarms.cloudwatch.amazonaws.com"),
      sourceAccount: stack.account,
      sourceArn: stack.formatArn({
        service: "cloudwatch",
        resource: "alarm",
        resourceName: `${stack.stackName}-*`,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    });
    addAlarm(this, "Errors", {
      metric: this.function.metricErrors({ period: Duration.minutes(1) }),
      threshold: 1,
      evaluationPeriods: 1,
      description: "the guard failed: what an alarm asked of it was perhaps not done",
      entry: "guarderrors",
      topic: state.alarms,
    });
  }

  bind(): cloudwatch.AlarmActionConfig {
    return { alarmActionArn: this.function.functionArn };
  }
}
