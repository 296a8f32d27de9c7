import { describe, expect, it } from "vitest";
import { LambdaShadowQueue } from "../../../../functions/adapters/aws/lambda-shadow-queue.ts";
import { type ShadowBatch, shadowBatch } from "../../../../functions/contract/shadow.ts";
import { DependencyError } from "../../../../functions/core/errors.ts";

const batch: ShadowBatch = {
  digest: "a".repeat(64),
  requestId: "request-1",
  arrivalMs: 1_700_000_000_000,
  events: [{ position: 0, id: "é", timeMs: 1, entity: "N1" }, { position: 2 }],
  rows: Buffer.from("rows").toString("base64"),
};
const { signal } = new AbortController();

describe("a shadow function", () => {
  it("is invoked with the batch, once, for as long as the signal says", async () => {
    const invoked: unknown[][] = [];
    const queue = new LambdaShadowQueue({
      client: { invokeAsync: async (...call) => void invoked.push(call) },
      functionName: "shadow",
    });
    await queue.put(batch, signal);
    expect(invoked).toEqual([["shadow", expect.any(String), { abortSignal: signal }]]);
    expect(shadowBatch.parse(JSON.parse(invoked[0]![1] as string))).toEqual(batch);
  });

  it.each([
    ["throttles", "TooManyRequestsException", 429, "dependency.throttled"],
    ["fails", "ServiceException", 500, "dependency.unavailable"],
    ["may not be invoked", "AccessDeniedException", 403, "dependency.unavailable"],
  ])("that %s is not asked again", async (_, name, httpStatusCode, code) => {
    let calls = 0;
    const refusal = Object.assign(new Error("no"), { name, $metadata: { httpStatusCode } });
    const invokeAsync = () => {
      calls++;
      return Promise.reject(refusal);
    };
    const queue = new LambdaShadowQueue({ client: { invokeAsync }, functionName: "shadow" });
    const error = await queue.put(batch, signal).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DependencyError);
    expect([(error as DependencyError).code, calls]).toEqual([code, 1]);
  });
});
