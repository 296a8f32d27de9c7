import { Stack, type StackProps } from "aws-cdk-lib";
import * as lambda from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { AppConfig } from "../config/read-config.ts";
import { type Architecture, architectureFor } from "../config/target.ts";
import { functionCode, runtimeLayerCode } from "../constructs/build-output.ts";
import { ModelLearning } from "../constructs/model-learning.ts";
import type { StateResources } from "../constructs/state-resources.ts";

export interface LearningStackProps extends StackProps {
  readonly app: AppConfig;
  readonly state: StateResources;
}

/**
 * The retraining of the models that have it on: per model a state machine, its functions and its schedule.
 *
 * It leans on the state alone and nothing leans on it, so that it comes and goes while models are served.
 */
export class LearningStack extends Stack {
  /** By model, in order of name. */
  readonly models: ReadonlyMap<string, ModelLearning>;

  constructor(scope: Construct, id: string, { app, state, ...props }: LearningStackProps) {
    super(scope, id, props);
    const { stage, target, buildDirectory, config } = app;
    const layers = new Map<Architecture, lambda.ILayerVersion>();
    const learning = Object.entries(config.models)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .flatMap(([model, { learning: settings, architecture }]) =>
        settings === undefined
          ? []
          : [{ model, settings, architecture: architectureFor(target, architecture) }],
      );
    this.models = new Map(
      learning.map(({ model, settings, architecture }) => {
        const runtimeLayer = layers.get(architecture) ?? this.#addRuntimeLayer(buildDirectory, architecture);
        layers.set(architecture, runtimeLayer);
        const made = new ModelLearning(this, `Learning-${model}`, {
          ...{ stage, model, settings, state, architecture, runtimeLayer },
          code: (name) => functionCode(buildDirectory, name),
          logRetentionDays: config.logRetentionDays,
        });
        return [model, made];
      }),
    );
  }

  #addRuntimeLayer(buildDirectory: string, architecture: Architecture): lambda.ILayerVersion {
    return new lambda.LayerVersion(this, architecture === "arm64" ? "OnnxRuntimeArm64" : "OnnxRuntimeX64", {
      code: runtimeLayerCode(buildDirectory, architecture),
      description: "onnxruntime-node, CPU only",
      compatibleRuntimes: [lambda.Runtime.NODEJS_24_X],
      compatibleArchitectures: [
        architecture === "arm64" ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64,
      ],
    });
  }
}
