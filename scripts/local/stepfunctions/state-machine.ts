import type { StateMachineDefinition } from "aws-local-stepfunctions";

/** A state machine as a template declares it. */
export interface StateMachine {
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  /** The definition as written, for DescribeStateMachine. */
  readonly definitionText: string;
  readonly definition: StateMachineDefinition;
  readonly createdMs: number;
  /** Kept and told, without effect. */
  readonly loggingConfiguration: unknown;
  readonly tracingConfiguration: unknown;
}

export type State = StateMachineDefinition["States"][string];
export type TaskState = Extract<State, { readonly Type: "Task" }>;
export type WaitState = Extract<State, { readonly Type: "Wait" }>;
export type States = StateMachineDefinition["States"];
