import type { Construct } from "constructs";
import type { ServerEnv } from "../../functions/contract/env.ts";
import type { StageName } from "../../functions/contract/stack-outputs.ts";
import { NodeFunction, type NodeFunctionProps } from "./node-function.ts";
import type { PredictionApi } from "./prediction-api.ts";
import type { StateResources } from "./state-resources.ts";

export interface ServerFunctionProps extends Omit<NodeFunctionProps, "settings" | "environment"> {
  readonly stage: StageName;
  /** Names of the models that are served. */
  readonly models: readonly string[];
  readonly state: StateResources;
  readonly api: PredictionApi;
}

/** It reads a ledger entry per model and runs none of them. */
const serverSettings = { memoryMiB: 256, timeoutSeconds: 10 };

/** Answers for the deployment as a whole: what it is, whether it lives, whether each model has a champion. */
export class ServerFunction extends NodeFunction {
  constructor(scope: Construct, id: string, { stage, models, state, api, ...props }: ServerFunctionProps) {
    const environment: ServerEnv = {
      ...api.environment,
      HEADRACE_STAGE: stage,
      HEADRACE_LEDGER_TABLE: state.registry.ledger.tableName,
      HEADRACE_MODELS: models.join(","),
    };
    super(scope, id, { ...props, settings: serverSettings, environment });
    state.registry.grantReadLedger(this, models);
    api.addServer(this.function);
  }
}
