import { isTransient, toHeadraceError } from "./aws-errors.ts";
import { type Retry, startBudget } from "./retry.ts";

/**
 * Run one AWS operation, trying again while it fails for a passing reason.
 *
 * @param what - the operation and its target, for error messages.
 * @param operation - given the attempt's number, from 1; may run several times.
 * @throws {DependencyError | InvariantError} as `toHeadraceError` says.
 */
export async function callAws<T>(
  what: string,
  retry: Retry,
  operation: (attempt: number) => Promise<T>,
): Promise<T> {
  const budget = startBudget(retry);
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation(attempt);
    } catch (error) {
      if (!isTransient(error) || !(await budget.wait(attempt))) throw toHeadraceError(error, what);
    }
  }
}
