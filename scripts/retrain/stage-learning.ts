import { type LambdaClient, paginateListFunctions } from "@aws-sdk/client-lambda";
import { type StageName, stackName } from "../../functions/contract/stack-outputs.ts";

/** Where one model's retraining is found. */
export interface ModelLearning {
  readonly model: string;
  /** The function that starts an execution. */
  readonly functionName: string;
  /** ARN. */
  readonly stateMachine: string;
  /** Table of the record. */
  readonly table: string;
}

/** What retrains the models of a stage, by model; CloudFormation names each function after its stack. */
export async function listStageLearning(
  client: LambdaClient,
  stage: StageName,
): Promise<ReadonlyMap<string, ModelLearning>> {
  const prefix = `${stackName(stage, "Learning")}-`;
  const found: ModelLearning[] = [];
  for await (const { Functions = [] } of paginateListFunctions({ client }, {})) {
    for (const { FunctionName = "", Environment } of Functions) {
      const { HEADRACE_MODEL, HEADRACE_STATE_MACHINE, HEADRACE_SKETCHES_TABLE } =
        Environment?.Variables ?? {};
      if (!FunctionName.startsWith(prefix)) continue;
      // Only the function at the door is told of the state machine.
      if (!HEADRACE_MODEL || !HEADRACE_STATE_MACHINE || !HEADRACE_SKETCHES_TABLE) continue;
      found.push({
        model: HEADRACE_MODEL,
        functionName: FunctionName,
        stateMachine: HEADRACE_STATE_MACHINE,
        table: HEADRACE_SKETCHES_TABLE,
      });
    }
  }
  return new Map(found.sort((a, b) => (a.model < b.model ? -1 : 1)).map((each) => [each.model, each]));
}
