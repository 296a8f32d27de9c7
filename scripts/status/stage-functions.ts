import {
  type LambdaClient,
  paginateListEventSourceMappings,
  paginateListFunctions,
} from "@aws-sdk/client-lambda";
import { type StageName, stackName } from "../../functions/contract/stack-outputs.ts";

/** In the order in which they are shown. */
const kinds = ["stream", "predict", "shadow"] as const;
export type FunctionKind = (typeof kinds)[number];

/** A function of a deployed stage that serves one model. */
export interface StageFunction {
  readonly kind: FunctionKind;
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
      const variables = Environment?.Variables ?? {};
      const model = variables.HEADRACE_MODEL;
      if (!FunctionName.startsWith(prefix) || model === undefined) continue;
      const kind = kindOf(variables);
      functions.push({
        kind,
        name: FunctionName,
        model,
        memoryMiB: MemorySize,
        architecture: Architectures?.[0] ?? "x86_64",
        eventSources: kind === "stream" ? await eventSourcesOf(client, FunctionName) : [],
      });
    }
  }
  const inOrder = functions.sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
  return new Map([...Map.groupBy(inOrder, ({ model }) => model)].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** By what it is given: only one emits predictions, and of the others only one puts outcomes on the events stream. */
function kindOf(variables: Readonly<Record<string, string>>): FunctionKind {
  if (variables.HEADRACE_PREDICTIONS_STREAM !== undefined) return "stream";
  return variables.HEADRACE_EVENTS_STREAM === undefined ? "shadow" : "predict";
}

async function eventSourcesOf(client: LambdaClient, FunctionName: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const page of paginateListEventSourceMappings({ client }, { FunctionName }))
    for (const { UUID } of page.EventSourceMappings ?? []) if (UUID !== undefined) ids.push(UUID);
  return ids;
}
