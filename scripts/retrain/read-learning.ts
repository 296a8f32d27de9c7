import { GetExecutionHistoryCommand, type SFNClient } from "@aws-sdk/client-sfn";
import type {
  EndedRun,
  LearningRun,
  LearningStore,
} from "../../functions/core/train/loop/learning-record.ts";
import type { ModelLearning } from "./stage-learning.ts";

/** What is known of a model's retraining. */
export interface LearningReport {
  readonly model: string;
  readonly running: (LearningRun & { readonly state: string }) | null;
  /** The newest first. */
  readonly ended: readonly EndedRun[];
}

/** Read a model's record, and how far the execution has come that runs. */
export async function readLearning(
  client: SFNClient,
  store: LearningStore,
  learning: ModelLearning,
): Promise<LearningReport> {
  const record = await store.read(learning.model);
  const running = record?.running;
  return {
    model: learning.model,
    running: running === undefined ? null : { ...running, state: await stateOf(client, learning, running) },
    ended: (record?.ended ?? []).toReversed(),
  };
}

/** Events of a state that is tried again and again are fewer. */
const lookBack = 100;

async function stateOf(
  client: SFNClient,
  { stateMachine }: ModelLearning,
  { execution }: LearningRun,
): Promise<string> {
  const executionArn = `${stateMachine.replace(":stateMachine:", ":execution:")}:${execution}`;
  try {
    const { events = [] } = await client.send(
      new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: lookBack }),
    );
    const entered = events.find(({ stateEnteredEventDetails }) => stateEnteredEventDetails !== undefined);
    return entered?.stateEnteredEventDetails?.name ?? "starting";
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "ExecutionDoesNotExist") throw error;
    return "not started: ask for it once more";
  }
}
