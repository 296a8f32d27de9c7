import { Duration } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import type { ShadowEnv } from "../../functions/contract/env.ts";
import type { StageName } from "../../functions/contract/stack-outputs.ts";
import type { ModelSettings } from "../config/model-settings.ts";
import { addAlarm } from "./add-alarm.ts";
import type { CostTerm } from "./cost-per-thousand.ts";
import { type FunctionSize, functionCost } from "./function-cost.ts";
import { InferenceFunction, type InferenceFunctionProps } from "./inference-function.ts";
import type { StateResources } from "./state-resources.ts";

export interface ShadowFunctionProps extends Omit<InferenceFunctionProps, "settings" | "environment"> {
  readonly stage: StageName;
  /** The model's name. */
  readonly model: string;
  readonly settings: ModelSettings;
  readonly state: StateResources;
}

/** Nobody waits for it; a cold start and a few hundred rows fit many times over. */
const timeoutSeconds = 30;
/** What has waited longer, for want of concurrency, is of no more use than what was never sampled. */
const maxEventAge = Duration.minutes(1);

/**
 * One model's shadow over HTTPS: scores rows that its predict function has served, and is invoked asynchronously with them.
 *
 * They are a sample, so that nothing is tried again or kept aside: what is not scored is counted, and a crash alarms.
 */
export class ShadowFunction extends InferenceFunction {
  readonly #size: FunctionSize;

  constructor(
    scope: Construct,
    id: string,
    { stage, model, settings, state, ...props }: ShadowFunctionProps,
  ) {
    const environment: ShadowEnv = {
      HEADRACE_STAGE: stage,
      HEADRACE_MODEL: model,
      HEADRACE_MODELS_BUCKET: state.registry.bucket.bucketName,
      HEADRACE_PREDICTIONS_TABLE: state.predictions.table.tableName,
      HEADRACE_SKETCHES_TABLE: state.features.sketches.tableName,
      HEADRACE_PREDICTION_DAYS: String(settings.predictionDays),
    };
    const { memoryMiB } = settings.predict;
    super(scope, id, { ...props, settings: { memoryMiB, timeoutSeconds }, environment });
    this.#size = { memoryMiB, architecture: props.architecture };
    this.function.configureAsyncInvoke({ retryAttempts: 0, maxEventAge });
    state.registry.grantReadPackages(this, model);
    state.predictions.grantStore(this, model);
    state.features.grantSketch(this, model);
    addAlarm(this, "Errors", {
      metric: this.function.metricErrors({ period: Duration.minutes(1) }),
      threshold: 1,
      evaluationPeriods: 1,
      description:
        "the shadow over HTTPS crashed or took too long: what it was to score is lost, answers are not",
      entry: "errors",
      topic: state.alarms,
    });
  }

  /** Let a function hand served rows over. */
  grantInvokeBy(grantee: iam.IGrantable): void {
    // Lambda's own grant covers versions and aliases of it as well, which there are none of.
    iam.Grant.addToPrincipal({
      grantee,
      actions: ["lambda:InvokeFunction"],
      resourceArns: [this.function.functionArn],
    });
  }

  /** What only this function uses of what is paid by use. */
  costTerms(): CostTerm[] {
    return functionCost(this.function, this.#size);
  }
}
