import type { Context } from "aws-lambda";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MemoryLogger } from "../../../functions/adapters/memory/memory-logger.ts";
import type { TrainEnv } from "../../../functions/contract/env.ts";
import { HeadraceError } from "../../../functions/core/errors.ts";
import { madeData, request } from "./training-data.ts";

const env: TrainEnv = { HEADRACE_STAGE: "dev", HEADRACE_MODEL: "flights", HEADRACE_DATA_BUCKET: "data" };
const context = { awsRequestId: "request-1", getRemainingTimeInMillis: () => 900_000 } as Context;

// The module makes its own handler as it loads, as Lambda has it.
beforeEach(() => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  vi.stubEnv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "3008");
  vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", "train");
  vi.stubEnv("AWS_REGION", "eu-west-1");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

async function handle(event: unknown) {
  const { makeHandler } = await import("../../../functions/train/handler.ts");
  const { store } = await madeData();
  const logger = new MemoryLogger();
  const handler = makeHandler({ store, logger, memoryMiB: 3008, nowMs: () => performance.now() });
  return { answer: await handler(event, context), logger };
}

describe("the train function's handler", () => {
  it("trains what the workflow names, and logs the invocation's id", async () => {
    const { answer, logger } = await handle(request);
    expect(answer).toMatchObject({ modelKey: "learning/flights/e1/output/model.onnx", rows: 2_000 });
    expect(logger.requestId).toBe("request-1");
  });

  it("lets no error out but its own, whatever it is called with", async () => {
    const property = fc.asyncProperty(fc.jsonValue(), async (event) => {
      await expect(handle(event)).rejects.toBeInstanceOf(HeadraceError);
    });
    await fc.assert(property, { numRuns: 25 });
  });
});
