import { isDeepStrictEqual } from "node:util";
import type { StateMachineDefinition } from "aws-local-stepfunctions";
import { z } from "zod";
import { AwsError } from "../aws-error.ts";
import type { Interpreter } from "./interpreter.ts";
import type { StateMachine } from "./state-machine.ts";

const minimal = z.looseObject({
  StartAt: z.string(),
  States: z.record(z.string(), z.looseObject({ Type: z.string() })),
});

/**
 * Read a definition, without looking into its states.
 *
 * @throws {AwsError} `InvalidDefinition`.
 */
export function parseDefinition(text: string): StateMachineDefinition {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new AwsError("InvalidDefinition", `Invalid State Machine Definition: ${cause}`);
  }
  const parsed = minimal.safeParse(json);
  if (!parsed.success) throw new AwsError("InvalidDefinition", z.prettifyError(parsed.error));
  if (text.includes('"JSONata"')) {
    throw new AwsError("InvalidDefinition", "QueryLanguage: got JSONata, the embedded cloud has JSONPath");
  }
  // Its states are checked by the validator before anything runs.
  return parsed.data as unknown as StateMachineDefinition;
}

/**
 * Check a definition against the Amazon States Language, once.
 *
 * @throws {AwsError} `InvalidDefinition`.
 */
export function checkDefinition(machine: StateMachine, { StateMachine: Validated }: Interpreter): void {
  if (checked.has(machine.definition)) return;
  try {
    new Validated(machine.definition);
  } catch (cause) {
    throw new AwsError("InvalidDefinition", cause instanceof Error ? cause.message : String(cause));
  }
  checked.add(machine.definition);
}

const checked = new WeakSet<StateMachineDefinition>();

/** 256 KiB, for inputs and for what tasks return. @see AWS Step Functions developer guide, "Quotas" */
export const maxPayloadBytes = 262_144;

/** @throws {AwsError} `InvalidExecutionInput`. */
export function parseInput(input: string): unknown {
  if (Buffer.byteLength(input) > maxPayloadBytes) {
    throw new AwsError("InvalidExecutionInput", `the input has more than ${maxPayloadBytes} bytes`);
  }
  try {
    return JSON.parse(input);
  } catch (cause) {
    throw new AwsError("InvalidExecutionInput", `Invalid State Machine Execution Input: ${cause}`);
  }
}

export function isSameJson(a: string, b: string): boolean {
  return isDeepStrictEqual(JSON.parse(a), JSON.parse(b));
}
