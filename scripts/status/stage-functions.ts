import {
  type LambdaClient,
  paginateListEventSourceMappings,
  paginateListFunctions,
} from "@aws-sdk/client-lambda";
import { type StageName, stackName } from "../../functions/contract/stack-outputs.ts";

/** A function of a deployed stage that serves one model. */
export interface StageFunction {
  readonly kind: "stream" | "predict";
  readonly name: string;
  readonly model: string;
  readonly memoryMiB: number;
  readonly architecture: "arm64" | "x86_64";
  /** Event sources that feed it; only a stream function has any. */
  readonly eventSources: readonly string[];
}

/** The functions of a stage's models, by model; CloudFormation names each after its stack. */
export async function listStageFunctions(
  client: LambdaClient,
  stage: StageName,
): Promise<ReadonlyMap<string, readonly StageFunction[]>> {
  const prefix = `${stackName(stage, "Serving")}-`;
  const functions: StageFunction[] = [];
  for await (const { Functions = [] } of paginateListFunctions({ client }, {})) {
    for (const { FunctionName = "", Environment, MemorySize = 0, Architectures } of Functions) {
      const { HEADRACE_MODEL: model, HEADRACE_PREDICTIONS_STREAM: stream } = Environment?.Variables ?? {};
      if (!FunctionName.startsWith(prefix) || model === undefined) continue;
      const isStream = stream !== undefined;
      functions.push({
        kind: isStream ? "stream" : "predict",
        name: FunctionName,
        model,
        memoryMiB: MemorySize,
        architecture: Architectures?.[0] ?? "x86_64",
        eventSources: isStream ? await eventSourcesOf(client, FunctionName) : [],
      });
    }
  }
  const streamFirst = functions.sort((a, b) => b.kind.localeCompare(a.kind));
  return new Map([...Map.groupBy(streamFirst, ({ model }) => model)].sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function eventSourcesOf(client: LambdaClient, FunctionName: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const page of paginateListEventSourceMappings({ client }, { FunctionName }))
    for (const { UUID } of page.EventSourceMappings ?? []) if (UUID !== undefined) ids.push(UUID);
  return ids;
}
