import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import type { ModelLearning } from "./stage-learning.ts";

/** As the retrain function answers. */
export interface RetrainAnswer {
  readonly started: boolean;
  readonly execution?: string;
  /** Why none was started. */
  readonly why?: string;
}

/** As long as the record's field may be. */
const maxBy = 256;

/**
 * Ask the function at the door for a retraining, as a person may at any time.
 *
 * @throws {Error} when the function failed; an execution may have been started.
 */
export async function askToRetrain(
  client: LambdaClient,
  { functionName }: ModelLearning,
  { user, why }: { readonly user: string; readonly why: string | undefined },
): Promise<RetrainAnswer> {
  const by = why === undefined ? user : `${user}: ${why}`;
  const payload = JSON.stringify({ reason: "person", by: by.slice(0, maxBy) });
  const { FunctionError, Payload } = await client.send(
    new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(payload) }),
  );
  const answer = Buffer.from(Payload ?? []).toString();
  if (FunctionError !== undefined) {
    const { errorType, errorMessage } = JSON.parse(answer) as Record<string, unknown>;
    throw new Error(
      `${functionName}: ${errorType}: ${errorMessage}; ask again: what was started is not started twice`,
    );
  }
  return JSON.parse(answer) as RetrainAnswer;
}
