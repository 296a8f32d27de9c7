import { terminalErrors } from "./retry.ts";

/**
 * A task's failure as `Retry` and `Catch` see it: `name` is what `ErrorEquals` matches, `message` the cause.
 *
 * The interpreter reads both, and `isCatchable`.
 */
export class TaskError extends Error {
  override readonly name: string;
  readonly isCatchable: boolean;

  constructor(name: string, cause: string) {
    super(cause);
    this.name = name;
    this.isCatchable = !terminalErrors.includes(name);
  }
}
