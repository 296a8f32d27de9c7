import * as iam from "aws-cdk-lib/aws-iam";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import type * as sns from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import type { AssembleEnv, EvaluateEnv, RolloutEnv, TrainEnv } from "../../functions/contract/env.ts";
import type { StageName } from "../../functions/contract/stack-outputs.ts";
import type { LearningSettings } from "../config/learning-settings.ts";
import { pricesPerMillion } from "../config/prices.ts";
import type { Architecture } from "../config/target.ts";
import { InferenceFunction } from "./inference-function.ts";
import { stepTimeoutSeconds } from "./learning-tasks.ts";
import { NodeFunction } from "./node-function.ts";
import type { StateResources } from "./state-resources.ts";

export interface LearningFunctionsProps {
  readonly stage: StageName;
  readonly model: string;
  readonly settings: LearningSettings;
  readonly state: StateResources;
  readonly architecture: Architecture;
  /** ONNX Runtime for `architecture`. */
  readonly runtimeLayer: lambda.ILayerVersion;
  /** The bundle of a function by name. */
  readonly code: (name: string) => lambda.Code;
  readonly logRetentionDays: number;
}

/** One vCPU; assembling holds one part of the rows, evaluating two models and one part, registering two packages. */
const stepMemoryMiB = 1769;

/** The steps of one model's retraining, each with a role that may do that step and nothing else. */
export class LearningFunctions extends Construct {
  readonly assemble: lambda.Function;
  /** Absent where a job of SageMaker trains. */
  readonly train: lambda.Function | undefined;
  readonly evaluate: lambda.Function;
  readonly rollout: lambda.Function;
  /** What a second of each costs. */
  readonly dollarsPerSecond: Readonly<Record<"assemble" | "train" | "evaluate", number>>;

  constructor(scope: Construct, id: string, props: LearningFunctionsProps) {
    super(scope, id);
    const { settings, architecture } = props;
    this.assemble = this.#addAssemble(props);
    this.train = settings.trainer === "builtIn" ? this.#addTrain(props) : undefined;
    this.evaluate = this.#addEvaluate(props);
    this.rollout = this.#addRollout(props);
    const dollars = (memoryMiB: number) =>
      ((memoryMiB / 1024) * pricesPerMillion.lambdaGibSeconds[architecture]) / 1e6;
    this.dollarsPerSecond = {
      assemble: dollars(stepMemoryMiB),
      train:
        settings.trainer === "builtIn"
          ? dollars(settings.trainMemoryMiB)
          : (settings.trainer.dollarsPerHour * settings.trainer.instanceCount) / 3600,
      evaluate: dollars(stepMemoryMiB),
    };
  }

  /** It reads answers, never what a shadow scored, and writes training data. It may run the champion, as a teacher. */
  #addAssemble(props: LearningFunctionsProps): lambda.Function {
    const { model, state } = props;
    const environment: AssembleEnv = {
      ...placeOf(props),
      HEADRACE_LEDGER_TABLE: state.registry.ledger.tableName,
      HEADRACE_MODELS_BUCKET: state.registry.bucket.bucketName,
      HEADRACE_PREDICTIONS_TABLE: state.predictions.table.tableName,
      HEADRACE_DATA_BUCKET: state.data.bucketName,
    };
    const fn = new InferenceFunction(this, "Assemble", {
      ...shared(props, "assemble"),
      runtimeLayer: props.runtimeLayer,
      environment,
    });
    state.registry.grantRead(fn, model);
    state.predictions.table.grantItems(fn, ["GetItem", "Query"], [`${model}#*`]);
    for (const kind of ["examples", "early"]) state.data.grantUnder(fn, `${kind}/${model}/`, "s3:GetObject");
    this.#grantLearning(fn, props, ["examples", "early"]);
    return fn.function;
  }

  #addTrain(props: LearningFunctionsProps): lambda.Function {
    const environment: TrainEnv = {
      ...placeOf(props),
      HEADRACE_DATA_BUCKET: props.state.data.bucketName,
    };
    const fn = new NodeFunction(this, "Train", { ...shared(props, "train"), environment });
    this.#grantLearning(fn, props);
    return fn.function;
  }

  #addEvaluate(props: LearningFunctionsProps): lambda.Function {
    const { model, state } = props;
    const environment: EvaluateEnv = {
      ...placeOf(props),
      HEADRACE_MODELS_BUCKET: state.registry.bucket.bucketName,
      HEADRACE_DATA_BUCKET: state.data.bucketName,
    };
    const fn = new InferenceFunction(this, "Evaluate", {
      ...shared(props, "evaluate"),
      runtimeLayer: props.runtimeLayer,
      environment,
    });
    state.registry.grantReadPackages(fn, model);
    this.#grantLearning(fn, props);
    return fn.function;
  }

  /** The one step that publishes, moves aliases and tells people. */
  #addRollout(props: LearningFunctionsProps): lambda.Function {
    const { model, state } = props;
    const environment: RolloutEnv = {
      ...placeOf(props),
      HEADRACE_LEDGER_TABLE: state.registry.ledger.tableName,
      HEADRACE_MODELS_BUCKET: state.registry.bucket.bucketName,
      HEADRACE_DATA_BUCKET: state.data.bucketName,
      HEADRACE_TILES_TABLE: state.features.tiles.tableName,
      HEADRACE_SKETCHES_TABLE: state.features.sketches.tableName,
      HEADRACE_TOPIC: state.alarms.topicArn,
    };
    const fn = new InferenceFunction(this, "Rollout", {
      ...shared(props, "rollout"),
      runtimeLayer: props.runtimeLayer,
      environment,
    });
    state.registry.grantPublish(fn, model);
    state.registry.grantMove(fn, [model]);
    state.features.grantJudge(fn, model);
    state.features.grantLearn(fn, model);
    // The reference in the package is made of the examples that were trained on.
    state.data.grantUnder(fn, `examples/${model}/`, "s3:GetObject");
    this.#grantLearning(fn, props, ["examples"]);
    grantTell(fn, state.alarms);
    return fn.function;
  }

  /** What goes between the steps, and its listing, with which an object that is not there is known from one that may not be read. */
  #grantLearning(
    fn: NodeFunction,
    { model, state }: LearningFunctionsProps,
    listed: readonly string[] = [],
  ): void {
    for (const action of ["s3:GetObject", "s3:PutObject"] as const)
      state.data.grantUnder(fn, `learning/${model}/`, action);
    state.data.grantList(
      fn,
      [...listed, "learning"].map((kind) => `${kind}/${model}/*`),
    );
  }
}

/** Let a function publish; what it publishes is encrypted by the topic's own key, if it has one. */
function grantTell(grantee: iam.IGrantable, topic: sns.ITopic): void {
  iam.Grant.addToPrincipal({ grantee, actions: ["sns:Publish"], resourceArns: [topic.topicArn] });
  if (topic.masterKey === undefined) return;
  iam.Grant.addToPrincipal({
    grantee,
    actions: ["kms:Decrypt", "kms:GenerateDataKey"],
    resourceArns: [topic.masterKey.keyArn],
  });
}

function placeOf({ stage, model }: LearningFunctionsProps) {
  return { HEADRACE_STAGE: stage, HEADRACE_MODEL: model };
}

function shared(
  { settings, architecture, code, logRetentionDays }: LearningFunctionsProps,
  name: keyof typeof stepTimeoutSeconds,
) {
  const memoryMiB = name === "train" ? settings.trainMemoryMiB : stepMemoryMiB;
  return {
    ...{ architecture, code: code(name), logRetentionDays },
    settings: { memoryMiB, timeoutSeconds: stepTimeoutSeconds[name] },
  };
}
