import type { HttpFailure } from "../adapters/http/http-failure.ts";
import { DependencyError, HeadraceError } from "../core/errors.ts";
import type { PredictDeps } from "./deps.ts";

/** How a call ended. */
interface RequestEnd {
  /** Whether it asked the model; only such calls are timed. */
  readonly isInference: boolean;
  readonly error?: unknown;
  readonly failure?: HttpFailure;
  readonly requestId?: string;
}

/**
 * Counts and times calls, the first one of an environment apart from the warm ones, and logs what is no fault of the
 * caller.
 *
 * What was wrong with a request is counted by its code and told to the caller, never logged: it quotes the payload.
 */
export function createRequestLog({
  metrics,
  logger,
  memory,
  nowMs,
}: Pick<PredictDeps, "metrics" | "logger" | "memory" | "nowMs">) {
  let isCold = true;
  return { start, warn };

  /** @returns a function to call when the answer stands. */
  function start(): (end: RequestEnd) => void {
    const startedMs = nowMs();
    const wasCold = isCold;
    isCold = false;
    return ({ isInference, error, failure, requestId }) => {
      metrics.add("Requests", 1, "Count");
      if (isInference) {
        const name = wasCold ? "ColdRequestDurationMs" : "RequestDurationMs";
        metrics.add(name, nowMs() - startedMs, "Milliseconds");
      }
      if (failure !== undefined) countFailure(failure, error, requestId);
      memory?.tell();
      metrics.flush();
    };
  }

  function countFailure({ status, code }: HttpFailure, error: unknown, requestId: string | undefined): void {
    if (status < 500) {
      metrics.add("RequestsRejected", 1, "Count");
      metrics.add("RejectedByReason", 1, "Count", { Reason: code ?? "unknown" });
      return;
    }
    const isDependency = error instanceof DependencyError;
    metrics.add(isDependency ? "DependencyErrors" : "ModelErrors", 1, "Count");
    logger.error("request failed", { error, requestId, status });
  }

  /** Log why a model is not ready. */
  function warn(error: unknown, requestId: string): void {
    const code = error instanceof HeadraceError ? error.code : "bug";
    logger.warn("model not ready", { error, code, requestId });
  }
}
