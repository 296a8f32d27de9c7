import type { LearningInput } from "../../contract/learning.ts";
import type { LearningRun } from "../../core/train/loop/learning-record.ts";
import type { ExecutionStatus, Workflow } from "../../core/train/loop/workflow.ts";
import { isAwsError } from "./aws-errors.ts";
import { callAws } from "./call-aws.ts";
import { defaultRetry, type Retry } from "./retry.ts";
import type { StatesClient } from "./states-client.ts";

export interface StepFunctionsWorkflowOptions {
  readonly client: Pick<StatesClient, "startExecution" | "describeExecution">;
  readonly model: string;
  /** ARN of the model's state machine. */
  readonly stateMachine: string;
  /** @default defaultRetry */
  readonly retry?: Retry;
}

/** The executions of a state machine of Step Functions, standard, since those of its express ones may run twice. */
export class StepFunctionsWorkflow implements Workflow {
  readonly #client: StepFunctionsWorkflowOptions["client"];
  readonly #model: string;
  readonly #stateMachine: string;
  readonly #retry: Retry;

  constructor({ client, model, stateMachine, retry = defaultRetry }: StepFunctionsWorkflowOptions) {
    this.#client = client;
    this.#model = model;
    this.#stateMachine = stateMachine;
    this.#retry = retry;
  }

  async start(run: LearningRun): Promise<void> {
    const input: LearningInput = { model: this.#model, ...run };
    await callAws(`states StartExecution ${run.execution}`, this.#retry, async () => {
      try {
        await this.#client.startExecution({
          stateMachineArn: this.#stateMachine,
          name: run.execution,
          input: JSON.stringify(input),
        });
      } catch (error) {
        // It has ended: of one that runs, with this input, the start is answered as if it were the first.
        if (!isAwsError(error, "ExecutionAlreadyExists")) throw error;
      }
    });
  }

  async status(execution: string): Promise<ExecutionStatus> {
    return await callAws(`states DescribeExecution ${execution}`, this.#retry, async () => {
      try {
        const { status } = await this.#client.describeExecution({ executionArn: this.#arnOf(execution) });
        return status === "RUNNING" || status === "PENDING_REDRIVE" ? "running" : "ended";
      } catch (error) {
        if (isAwsError(error, "ExecutionDoesNotExist")) return "unknown";
        throw error;
      }
    });
  }

  /** Of a standard state machine. */
  #arnOf(execution: string): string {
    return `${this.#stateMachine.replace(":stateMachine:", ":execution:")}:${execution}`;
  }
}
