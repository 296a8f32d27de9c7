import { Annotations, Stack, type StackProps } from "aws-cdk-lib";
import * as lambda from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { AppConfig } from "../config/read-config.ts";
import { type Architecture, architectureFor } from "../config/target.ts";
import { functionCode, runtimeLayerCode } from "../constructs/build-output.ts";
import { ModelStream } from "../constructs/model-stream.ts";
import type { StateResources } from "../constructs/state-resources.ts";

/** Readers of one stream share 2 MB/s per shard; above two, each waits for the others. */
const standardConsumersPerStream = 2;

export interface ServingStackProps extends StackProps {
  readonly app: AppConfig;
  readonly state: StateResources;
}

/** The functions that predict, one stream function per model. */
export class ServingStack extends Stack {
  readonly streams: readonly ModelStream[];

  constructor(scope: Construct, id: string, { app, state, ...props }: ServingStackProps) {
    super(scope, id, props);
    const { stage, target, buildDirectory, config } = app;
    const layers = new Map<Architecture, lambda.ILayerVersion>();
    this.streams = Object.entries(config.models).map(([model, settings]) => {
      const architecture = architectureFor(target, settings.architecture);
      const runtimeLayer = layers.get(architecture) ?? this.#addRuntimeLayer(buildDirectory, architecture);
      layers.set(architecture, runtimeLayer);
      return new ModelStream(this, `Model-${model}`, {
        stage,
        model,
        settings,
        state,
        architecture,
        runtimeLayer,
        code: functionCode(buildDirectory, "stream"),
        logRetentionDays: config.logRetentionDays,
      });
    });
    if (this.streams.length > standardConsumersPerStream) {
      Annotations.of(this).addWarningV2(
        "headrace:standard-consumers",
        `${this.streams.length} models read the events stream as standard consumers, which share 2 MB/s and 5 reads/s per shard; above ${standardConsumersPerStream} expect them to lag`,
      );
    }
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
