import type {
  DescribeExecutionInput,
  DescribeExecutionOutput,
  StartExecutionInput,
  StartExecutionOutput,
} from "@aws-sdk/client-sfn";
import {
  type CallOptions,
  createJsonCaller,
  type JsonCallerOptions,
  type JsonService,
} from "./json-caller.ts";
import { jsonError, parseErrorBody } from "./json-error.ts";

/**
 * The two calls of Step Functions that the functions make, without the SDK's client for all of it.
 *
 * A call throws a `JsonError` of Step Functions' answer, and what the sender throws where there is none.
 */
export interface StatesClient {
  /** A request that met a closed connection is sent once more: of one name and input that is the same execution. */
  startExecution(input: StartExecutionInput, options?: CallOptions): Promise<StartExecutionOutput>;
  /** Times in the answer are numbers of seconds. */
  describeExecution(
    input: DescribeExecutionInput,
    options?: CallOptions,
  ): Promise<Omit<DescribeExecutionOutput, "startDate" | "stopDate" | "redriveDate">>;
  /** Close the connections that are idle. */
  destroy(): void;
}

const states: JsonService = {
  name: "SFN",
  id: "states",
  targetPrefix: "AWSStepFunctions",
  jsonVersion: "1.0",
  errorOf: (answer) => jsonError("Step Functions", answer, parseErrorBody(answer.text)),
};

export function createStatesClient(options: JsonCallerOptions): StatesClient {
  const call = createJsonCaller(states, options);
  return {
    startExecution: (input, callOptions) => call("StartExecution", input, callOptions),
    describeExecution: (input, callOptions) => call("DescribeExecution", input, callOptions),
    destroy: () => options.sender.destroy(),
  };
}
