import { Annotations, CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import * as lambda from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { ServedModels, ServingOutputs } from "../../functions/contract/stack-outputs.ts";
import type { AppConfig } from "../config/read-config.ts";
import { type Architecture, architectureFor, archiveWindowSeconds } from "../config/target.ts";
import { ArchiveFunction } from "../constructs/archive-function.ts";
import { functionCode, runtimeLayerCode } from "../constructs/build-output.ts";
import { DriftFunction } from "../constructs/drift-function.ts";
import { GuardFunction } from "../constructs/guard-function.ts";
import { ModelEndpoint } from "../constructs/model-endpoint.ts";
import { ModelGuard } from "../constructs/model-guard.ts";
import { ModelStream } from "../constructs/model-stream.ts";
import { PredictionApi } from "../constructs/prediction-api.ts";
import { ServerFunction } from "../constructs/server-function.ts";
import type { StateResources } from "../constructs/state-resources.ts";

/** Readers of one stream share 2 MB/s per shard; above two, each waits for the others. */
const standardConsumersPerStream = 2;

export interface ServingStackProps extends StackProps {
  readonly app: AppConfig;
  readonly state: StateResources;
}

/** The functions: per model one on the stream and one over HTTPS, the API in front of the latter, the archive, the guard, and what watches for drift. */
export class ServingStack extends Stack {
  readonly streams: readonly ModelStream[];
  /** Absent where the API is switched off. */
  readonly api: PredictionApi | undefined;
  /** One per model; none where the API is switched off. */
  readonly endpoints: readonly ModelEndpoint[];
  /** Absent where the archive is switched off. */
  readonly archive: ArchiveFunction | undefined;

  constructor(scope: Construct, id: string, { app, state, ...props }: ServingStackProps) {
    super(scope, id, props);
    const { stage, target, buildDirectory, config } = app;
    const { logRetentionDays } = config;
    // In order of name: the API's deployment is named by its routes in the order in which they were added.
    const models = Object.entries(config.models).sort(([one], [other]) => (one < other ? -1 : 1));
    const api = config.api.enabled ? this.#addApi(app, state) : undefined;
    this.api = api;
    const layers = new Map<Architecture, lambda.ILayerVersion>();
    const served = models.map(([model, settings]) => {
      const architecture = architectureFor(target, settings.architecture);
      const runtimeLayer = layers.get(architecture) ?? this.#addRuntimeLayer(buildDirectory, architecture);
      layers.set(architecture, runtimeLayer);
      const shared = { stage, model, settings, state, architecture, runtimeLayer, logRetentionDays };
      const code = (name: string) => functionCode(buildDirectory, name);
      return {
        stream: new ModelStream(this, `Model-${model}`, { ...shared, code: code("stream") }),
        endpoints:
          api === undefined
            ? []
            : [
                new ModelEndpoint(this, `Endpoint-${model}`, {
                  ...shared,
                  ...{ code: code("predict"), shadowCode: code("shadow"), api },
                }),
              ],
      };
    });
    this.streams = served.map(({ stream }) => stream);
    this.endpoints = served.flatMap(({ endpoints }) => endpoints);
    this.#addGuard(app, state);
    this.#addDrift(app, state);
    this.#publishStateless(models.filter(([, { stateful }]) => !stateful).map(([name]) => name));
    this.archive = config.archive.enabled ? this.#addArchive(app, state) : undefined;
    const standard = models.filter(([, { consumer }]) => consumer === "standard").length;
    this.#warnOfReaders(standard, this.archive !== undefined);
  }

  /** Stands after the functions, since it names them, and before the alarms that name it. */
  #addGuard({ stage, target, buildDirectory, config }: AppConfig, state: StateResources): void {
    const guard = new GuardFunction(this, "Guard", {
      stage,
      models: this.streams.map(({ model }) => model),
      inferenceFunctions: [
        ...this.streams.map((stream) => stream.function),
        ...this.endpoints.flatMap((endpoint) => [endpoint.function, endpoint.shadow.function]),
      ],
      state,
      architecture: architectureFor(target, "arm64"),
      code: functionCode(buildDirectory, "guard"),
      logRetentionDays: config.logRetentionDays,
    });
    for (const stream of this.streams) {
      const endpoint = this.endpoints.find(({ model }) => model === stream.model);
      const settings = config.models[stream.model]!.alarms;
      new ModelGuard(this, `Guard-${stream.model}`, {
        ...{ stream, endpoint, settings, guard, topic: state.alarms },
      });
    }
  }

  #addDrift({ stage, target, buildDirectory, config }: AppConfig, state: StateResources): void {
    new DriftFunction(this, "Drift", {
      stage,
      models: this.streams.map(({ model }) => model),
      state,
      architecture: architectureFor(target, "arm64"),
      code: functionCode(buildDirectory, "drift"),
      logRetentionDays: config.logRetentionDays,
    });
  }

  #addArchive({ stage, target, buildDirectory, config }: AppConfig, state: StateResources): ArchiveFunction {
    return new ArchiveFunction(this, "Archive", {
      stage,
      models: Object.keys(config.models).sort(),
      state,
      architecture: architectureFor(target, "arm64"),
      code: functionCode(buildDirectory, "archive"),
      logRetentionDays: config.logRetentionDays,
      windowSeconds: archiveWindowSeconds(target),
    });
  }

  /** The archive reads as a standard consumer too. */
  #warnOfReaders(modelCount: number, isArchived: boolean): void {
    const count = modelCount + (isArchived ? 1 : 0);
    if (count <= standardConsumersPerStream) return;
    const readers = isArchived ? `${modelCount} models and the archive` : `${modelCount} models`;
    Annotations.of(this).addWarningV2(
      "headrace:standard-consumers",
      `${readers} read the events stream as standard consumers, which share 2 MB/s and 5 reads/s per shard; above ${standardConsumersPerStream} expect them to lag, or set consumer: "fanOut" for some`,
    );
  }

  #addApi({ stage, target, buildDirectory, config }: AppConfig, state: StateResources): PredictionApi {
    const { logRetentionDays } = config;
    const settings = config.api;
    const api = new PredictionApi(this, "Api", { stage, settings, logRetentionDays, alarms: state.alarms });
    new ServerFunction(this, "Server", {
      stage,
      models: Object.keys(config.models).sort(),
      state,
      api,
      architecture: architectureFor(target, "arm64"),
      code: functionCode(buildDirectory, "server"),
      logRetentionDays,
    });
    const outputs: ServingOutputs = {
      ApiId: api.api.restApiId,
      ApiUrl: api.api.url,
      ...(api.apiKey && { ApiKeyId: api.apiKey.keyId }),
    };
    for (const [key, value] of Object.entries(outputs)) new CfnOutput(this, key, { value });
    return api;
  }

  /** Publishing reads it, so that no package that keeps state gets more than one writer per shard. */
  #publishStateless(names: readonly string[]): void {
    const outputs: ServedModels = names.length === 0 ? {} : { StatelessModels: names.join(",") };
    for (const [key, value] of Object.entries(outputs)) new CfnOutput(this, key, { value });
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
