import type { StateMachine as LocalStateMachine } from "aws-local-stepfunctions";
import type { ExecutableDefinition } from "./executable-definition.ts";
import type { History } from "./history.ts";

type EventLogs = ReturnType<LocalStateMachine["run"]>["eventLogs"];

/** Take what the interpreter tells of states and iterations into an execution's history; the rest is ours to tell. */
export async function recordEvents(
  events: EventLogs,
  { types, history }: Pick<ExecutableDefinition, "types"> & { readonly history: History },
): Promise<void> {
  for await (const event of events) {
    if (event.type === "StateEntered" || event.type === "StateExited") {
      const { name, input, output } = event.state;
      const type = types.get(name) ?? event.state.type;
      const data =
        event.type === "StateEntered" ? { input: JSON.stringify(input) } : { output: JSON.stringify(output) };
      history.record(`${type}${event.type}`, { name, ...data });
    } else if (event.type.startsWith("MapIteration") && "parentState" in event && "index" in event) {
      history.record(event.type, { name: event.parentState.name, index: event.index });
    }
  }
}
