import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { AwsError } from "../aws-error.ts";
import { answerError } from "../error-answer.ts";
import { readBody } from "../request-body.ts";
import { readServiceCall } from "../service-call.ts";
import type { StateMachine } from "./state-machine.ts";
import type { Execution, StateMachines } from "./state-machines.ts";

/** Answer one request of Step Functions' JSON protocol. */
export async function handleStatesRequest(
  machines: StateMachines,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const name = readServiceCall(request)?.operation ?? "Other";
    const body = await readBody(request, maxBodyBytes);
    const run = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (run === undefined) {
      const have = Object.keys(operations).join(", ");
      throw new AwsError("UnknownOperationException", `the embedded states has no "${name}"; it has ${have}`);
    }
    const answer = JSON.stringify(run(parseJson(body), machines));
    response.setHeader("content-type", "application/x-amz-json-1.0");
    response.setHeader("x-amzn-requestid", randomUUID());
    response.end(answer);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    answerError(request, response, { error, service: "states" });
  }
}

/** An input has at most 256 KiB, written as a JSON string. */
const maxBodyBytes = 1024 * 1024;

type Operation = (input: unknown, machines: StateMachines) => object;

const ofExecution = z.object({ executionArn: z.string() });
const ofMachine = z.object({ stateMachineArn: z.string() });
const page = { maxResults: z.int().min(0).max(1000).optional(), nextToken: z.string().optional() };
const status = z.enum(["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]);

const operations: Readonly<Record<string, Operation>> = {
  StartExecution: operation(
    ofMachine.extend({ name: z.string().optional(), input: z.string().optional() }),
    ({ stateMachineArn, name, input }, machines) => {
      const { arn, startMs } = machines.start(stateMachineArn, { name, input });
      return { executionArn: arn, startDate: startMs / 1000 };
    },
  ),
  StopExecution: operation(
    ofExecution.extend({ error: z.string().optional(), cause: z.string().optional() }),
    ({ executionArn, ...reason }, machines) => {
      const { stopMs = 0 } = machines.stop(executionArn, reason);
      return { stopDate: stopMs / 1000 };
    },
  ),
  DescribeExecution: operation(ofExecution, ({ executionArn }, machines) => {
    const { input, output, error, cause, ...execution } = machines.getExecution(executionArn);
    return { ...summarise(execution), input, output, error, cause };
  }),
  ListExecutions: operation(
    ofMachine.extend({ statusFilter: status.optional(), ...page }),
    ({ stateMachineArn, statusFilter, maxResults, nextToken }, machines) => {
      machines.get(stateMachineArn);
      const found = machines
        .listExecutions(stateMachineArn)
        .filter((execution) => execution.status === (statusFilter ?? execution.status));
      const { items, ...next } = paged(found, { maxResults, nextToken });
      return { executions: items.map(summarise), ...next };
    },
  ),
  GetExecutionHistory: operation(
    ofExecution.extend({ reverseOrder: z.boolean().optional(), ...page }),
    ({ executionArn, ...options }, machines) => {
      const { events } = machines.getExecution(executionArn).history;
      const { items, ...next } = paged(options.reverseOrder ? events.toReversed() : events, options);
      return { events: items, ...next };
    },
  ),
  DescribeStateMachine: operation(ofMachine, ({ stateMachineArn }, machines) => {
    const machine = machines.get(stateMachineArn);
    const { definitionText: definition, roleArn, loggingConfiguration, tracingConfiguration } = machine;
    const settings = inWireNames({ loggingConfiguration, tracingConfiguration });
    return { ...summariseMachine(machine), definition, roleArn, ...settings, status: "ACTIVE" };
  }),
  ListStateMachines: operation(z.object(page), (options, machines) => {
    const { items, ...next } = paged(machines.list(), options);
    return { stateMachines: items.map(summariseMachine), ...next };
  }),
};

function operation<Schema extends z.ZodType>(
  schema: Schema,
  run: (input: z.infer<Schema>, machines: StateMachines) => object,
): Operation {
  return (input, machines) => {
    const parsed = schema.safeParse(input);
    if (!parsed.success) throw new AwsError("ValidationException", z.prettifyError(parsed.error));
    return run(parsed.data, machines);
  };
}

/** @throws {AwsError} `InvalidToken`. */
function paged<Item>(
  all: readonly Item[],
  { maxResults = 100, nextToken = "0" }: { readonly maxResults?: number; readonly nextToken?: string },
): { readonly items: readonly Item[]; readonly nextToken?: string } {
  if (!/^\d{1,9}$/.test(nextToken)) throw new AwsError("InvalidToken", "got a token of another call");
  const until = Number(nextToken) + (maxResults || 100);
  const items = all.slice(Number(nextToken), until);
  return until < all.length ? { items, nextToken: String(until) } : { items };
}

function summarise({
  arn,
  name,
  stateMachineArn,
  startMs,
  stopMs,
  status: executionStatus,
}: Omit<Execution, "input">): object {
  return {
    executionArn: arn,
    name,
    stateMachineArn,
    status: executionStatus,
    startDate: startMs / 1000,
    ...(stopMs !== undefined && { stopDate: stopMs / 1000 }),
  };
}

function summariseMachine({ arn, name, createdMs }: StateMachine): object {
  return { stateMachineArn: arn, name, type: "STANDARD", creationDate: createdMs / 1000 };
}

/** CloudFormation's names begin with a capital, the wire's do not. */
function inWireNames(value: object): object {
  const entries = Object.entries(value).map(([key, each]) => [
    key.charAt(0).toLowerCase() + key.slice(1),
    Array.isArray(each) ? each.map(inWireNames) : isObject(each) ? inWireNames(each) : each,
  ]);
  return Object.fromEntries(entries);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (cause) {
    throw new AwsError("SerializationException", `the body cannot be read as JSON: ${cause}`);
  }
}
