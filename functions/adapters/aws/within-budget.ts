import { DependencyError } from "../../core/errors.ts";
import { isTransient } from "./aws-errors.ts";
import type { RetryBudget } from "./retry.ts";

/**
 * Run one request, trying again while it fails for a passing reason and a budget that it shares with others lasts.
 *
 * @param request - may run several times.
 * @throws what the last attempt threw; `dependency.timeout` where the budget is spent before the first.
 */
export async function withinBudget<T>(budget: RetryBudget, request: () => Promise<T>): Promise<T> {
  if (budget.isSpent()) {
    throw new DependencyError("the retry budget shared with earlier requests is spent; try all of it again", {
      code: "dependency.timeout",
    });
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return await request();
    } catch (error) {
      if (!isTransient(error) || !(await budget.wait(attempt))) throw error;
    }
  }
}
