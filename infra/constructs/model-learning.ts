import { Duration, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import * as iam from "aws-cdk-lib/aws-iam";
import * as logs from "aws-cdk-lib/aws-logs";
import * as stepfunctions from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { addAlarm } from "./add-alarm.ts";
import { learningDefinition } from "./learning-definition.ts";
import { LearningFunctions, type LearningFunctionsProps } from "./learning-functions.ts";
import type { TrainingJob } from "./learning-tasks.ts";
import { RetrainFunction } from "./retrain-function.ts";
import { trainingJob } from "./training-job.ts";

export type ModelLearningProps = LearningFunctionsProps;

/** The retraining of one model: the state machine, the functions that it calls, and the one that starts it. */
export class ModelLearning extends Construct {
  readonly machine: stepfunctions.StateMachine;
  readonly retrain: RetrainFunction;

  constructor(scope: Construct, id: string, props: ModelLearningProps) {
    super(scope, id);
    const { stage, model, settings, state, architecture, code, logRetentionDays } = props;
    const functions = new LearningFunctions(this, "Steps", props);
    const role = new iam.Role(this, "MachineRole", {
      assumedBy: new iam.ServicePrincipal("states.amazonaws.com"),
    });
    const job = trainingJob(this, { model, settings, state, machineRole: role });
    this.machine = this.#addMachine(props, { functions, role, job });
    this.retrain = new RetrainFunction(this, "Retrain", {
      ...{ stage, model, learning: settings, state, machine: this.machine },
      ...{ architecture, code: code("retrain"), logRetentionDays },
    });
    this.#addAlarms(props);
  }

  #addMachine(
    { model, settings, logRetentionDays }: ModelLearningProps,
    {
      functions,
      role,
      job,
    }: {
      readonly functions: LearningFunctions;
      readonly role: iam.Role;
      readonly job: TrainingJob | undefined;
    },
  ): stepfunctions.StateMachine {
    const { assemble, train, evaluate, rollout, dollarsPerSecond } = functions;
    const called = [assemble, train, evaluate, rollout].flatMap((each) => each?.functionArn ?? []);
    iam.Grant.addToPrincipal({ grantee: role, actions: ["lambda:InvokeFunction"], resourceArns: called });
    const definition = learningDefinition({
      model,
      functions: {
        assemble: assemble.functionArn,
        train: train?.functionArn,
        evaluate: evaluate.functionArn,
        rollout: rollout.functionArn,
      },
      approval: settings.approval,
      trainingJob: job,
      dollarsPerSecond,
      checkSeconds: settings.checkSeconds,
    });
    const logGroup = new logs.LogGroup(this, "Logs", {
      retention: logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const machine = new stepfunctions.StateMachine(this, "Machine", {
      definitionBody: stepfunctions.DefinitionBody.fromString(Stack.of(this).toJsonString(definition)),
      role,
      // What goes from state to state is counts and keys.
      logs: { destination: logGroup, level: stepfunctions.LogLevel.ALL, includeExecutionData: true },
    });
    Validations.of(machine).acknowledge({
      id: "AwsSolutions-SF2",
      reason:
        "A handful of calls in days: their times are in the execution's history and in the functions' logs.",
    });
    Validations.of(role).acknowledge({
      id: "AwsSolutions-IAM5[Resource::*]",
      reason:
        "Delivery of logs by a service knows no resources; the log group's policy names this state machine's.",
    });
    return machine;
  }

  #addAlarms({ state }: ModelLearningProps): void {
    const shared = { threshold: 1, evaluationPeriods: 1, topic: state.alarms };
    const period = Duration.minutes(5);
    const statistic = cloudwatch.Stats.SUM;
    addAlarm(this, "Failed", {
      ...shared,
      metric: this.machine.metricFailed({ period, statistic }),
      description: "a retraining failed: the champion goes on serving",
      entry: "learningfailed",
    });
    addAlarm(this, "TimedOut", {
      ...shared,
      metric: this.machine.metricTimedOut({ period, statistic }),
      description: "a retraining took longer than any may: the champion goes on serving",
      entry: "learningfailed",
    });
  }
}
