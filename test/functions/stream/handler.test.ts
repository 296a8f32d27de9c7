import type { Context } from "aws-lambda";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { StreamEnv } from "../../../functions/contract/env.ts";
import { ask, delivery, setUp } from "./set-up.ts";

const env: StreamEnv = {
  HEADRACE_STAGE: "dev",
  HEADRACE_MODEL: "table",
  HEADRACE_LEDGER_TABLE: "ledger",
  HEADRACE_MODELS_BUCKET: "models",
  HEADRACE_PREDICTIONS_TABLE: "predictions",
  HEADRACE_CACHE_TABLE: "cache",
  HEADRACE_TILES_TABLE: "tiles",
  HEADRACE_SKETCHES_TABLE: "sketches",
  HEADRACE_EVENTS_STREAM: "events",
  HEADRACE_PREDICTION_DAYS: "30",
  HEADRACE_PREDICTIONS_STREAM: "predictions",
  HEADRACE_DATA_BUCKET: "data",
};

// The module makes its own handler as it loads, as Lambda has it.
beforeEach(() => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  vi.stubEnv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769");
  vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", "stream");
  vi.stubEnv("AWS_REGION", "eu-west-1");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

describe("the stream function's handler", () => {
  it("puts the id of the invocation in progress on what is logged, and never the one before it", async () => {
    const { makeHandler } = await import("../../../functions/stream/handler.ts");
    const { deps, logger } = await setUp(undefined);
    const seen: (string | undefined)[] = [];
    const roles = {
      read: () => {
        seen.push(logger.requestId);
        return Promise.reject(new Error("none"));
      },
    };
    const handle = makeHandler({ ...deps, roles });
    await handle(delivery([ask("a", 0)]), { awsRequestId: "first" } as Context);
    await handle(delivery([ask("b", 0)]), { awsRequestId: "second" } as Context);
    await handle(delivery([ask("c", 0)]));
    expect(seen).toEqual(["first", "second", undefined]);
  });
});
