import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import { treesFolder } from "../../scripts/models/flight-delay-trees.ts";
import { departure } from "./support/flight-events.ts";
import { type Answer, call } from "./support/http-call.ts";
import { tableEvent, tableModelName, tablePackage } from "./support/package-folder.ts";
import { publish } from "./support/publish.ts";
import type { Stage } from "./support/stage.ts";
import { itNeeding, openStage } from "./support/target.ts";
import { waitUntil } from "./support/wait-until.ts";

const dayMs = 86_400_000;
const predictPath = "/models/flight-delay/predict";
const body = { events: [departure("f-1")] };

describe("the API", () => {
  itNeeding("ownModels")("answers nobody without its key, and no key beyond its quota", async () => {
    let nowMs = Date.UTC(2026, 0, 31, 23);
    await using stage = await openStage({
      api: { usagePlan: { quotaPerDay: 3 } },
      apiGateway: { now: () => nowMs },
    });
    await publishFlights(stage);
    const paths = ["/v2", "/v2/health/live", "/v2/health/ready", "/v2/models/flight-delay"];

    for (const path of paths) {
      expectRefusal(await call(stage, path, { apiKey: undefined }), 403);
      expectRefusal(await call(stage, path, { apiKey: "k".repeat(40) }), 403);
    }
    expectRefusal(await call(stage, predictPath, { body, apiKey: undefined }), 403);
    expectRefusal(await call(stage, predictPath, { body, apiKey: `${stage.api.apiKey}x` }), 403);
    for (let i = 0; i < 3; i++)
      expect(await call(stage, predictPath, { body })).toMatchObject({ status: 200 });
    expectRefusal(await call(stage, predictPath, { body }), 429);
    expectRefusal(await call(stage, "/v2/health/live"), 429);

    nowMs += dayMs;
    expect(await call(stage, predictPath, { body })).toMatchObject({ status: 200 });
  });

  itNeeding("ownModels")("throttles a key that asks too fast, at no cost of its quota", async () => {
    let nowMs = Date.UTC(2026, 0, 31, 12);
    await using stage = await openStage({
      api: { usagePlan: { ratePerSecond: 1, burst: 2, quotaPerDay: 4 } },
      apiGateway: { now: () => nowMs },
    });
    const statuses = async () => (await call(stage, "/v2/health/live")).status;

    expect([await statuses(), await statuses(), await statuses(), await statuses()]).toEqual([
      200, 200, 429, 429,
    ]);
    nowMs += 2_000;
    expect([await statuses(), await statuses(), await statuses()]).toEqual([200, 200, 429]);
    nowMs += 2_000;
    expectRefusal(await call(stage, "/v2/health/live"), 429);
  });

  itNeeding("ownModels")("wants a signature where it is configured so, and has no key then", async () => {
    await using stage = await openStage({ api: { auth: "iam" } });
    await publishFlights(stage);
    const scope = "20260131/us-east-1/execute-api/aws4_request";
    const headers = {
      authorization: `AWS4-HMAC-SHA256 Credential=local/${scope}, SignedHeaders=host, Signature=${"0".repeat(64)}`,
    };

    expect(stage.api.apiKey).toBeUndefined();
    expectRefusal(await call(stage, predictPath, { body }), 403);
    expect(await call(stage, predictPath, { body, headers })).toMatchObject({ status: 200 });
  });

  itNeeding("ownModels", "faults")(
    "checks a body in the function too, should the gateway let it by",
    async () => {
      await using stage = await openStage();
      await publishFlights(stage);
      const { lambda } = stage.cloud;
      const predict = lambda
        .listFunctions()
        .find(
          ({ environment }) =>
            environment.HEADRACE_MODEL === "flight-delay" &&
            environment.HEADRACE_SHADOW_FUNCTION !== undefined,
        )!;
      const past = async (path: string, text: string | null) => {
        const event = {
          path,
          httpMethod: "POST",
          headers: {},
          multiValueHeaders: {},
          body: text,
          isBase64Encoded: false,
          requestContext: { requestId: "past the gateway" },
        };
        const { payload } = await lambda.invoke(predict.functionName, JSON.stringify(event));
        const answer = JSON.parse(payload.toString());
        return [answer.statusCode, JSON.parse(answer.body)];
      };

      for (const text of [null, "", "{", "[]", "{}", '{"inputs":[]}', '{"inputs":[{}]}', '{"inputs":{}}']) {
        const [status, answer] = await past("/v2/models/flight-delay/infer", text);
        expect([text, status, answer.code]).toEqual([text, 400, "input.malformed"]);
        expect(answer).toEqual(
          expect.objectContaining({ error: expect.any(String), requestId: "past the gateway" }),
        );
      }
      for (const text of [null, "", "{", "[]", "{}", '{"events":[]}', '{"events":{}}']) {
        const [status, answer] = await past(predictPath, text);
        expect([text, status, answer.error.code]).toEqual([text, 400, "input.malformed"]);
      }
    },
  );
});

describe("a stage without a champion", () => {
  itNeeding("ownModels")("is not ready, and its model is unknown, until one is published", async () => {
    await using stage = await openStage({ models: { [tableModelName]: {} } });
    const path = `/v2/models/${tableModelName}`;
    const asked = { body: { events: [tableEvent("e-1", 1)] } };

    expect(await call(stage, "/v2/health/live")).toMatchObject({ status: 200, body: { live: true } });
    expect(await call(stage, "/v2/health/ready")).toMatchObject({ status: 503, body: { ready: false } });
    for (const each of [path, `${path}/ready`, `${path}/versions/champion`]) {
      expect(await call(stage, each)).toMatchObject({ status: 404, body: { code: "model.unknown" } });
    }
    expect(await call(stage, `/models/${tableModelName}/predict`, asked)).toMatchObject({
      status: 404,
      body: { error: { code: "model.unknown" } },
    });

    const first = await publishTable(stage, [1, 2]);
    expect(await call(stage, "/v2/health/ready")).toMatchObject({ status: 200, body: { ready: true } });
    await untilOk(stage, `${path}/ready`);
    expect(await scoreOf(stage, "")).toEqual([first, 2]);
  });

  itNeeding("ownModels")(
    "answers by the newest champion, and by each version that is asked for by its digest",
    async () => {
      await using stage = await openStage({ models: { [tableModelName]: {} } });
      const path = `/v2/models/${tableModelName}`;
      const first = await publishTable(stage, [1, 2]);
      const champion = await publishTable(stage, [3, 4]);

      expect(await scoreOf(stage, "")).toEqual([champion, 4]);
      expect(await scoreOf(stage, "/versions/champion")).toEqual([champion, 4]);
      expect(await scoreOf(stage, `/versions/${first}`)).toEqual([first, 2]);
      expect((await call(stage, path)).body).toMatchObject({ versions: [champion, first] });
    },
  );
});

async function publishFlights(stage: Stage): Promise<void> {
  await publish(stage, fileURLToPath(treesFolder));
}

async function publishTable(stage: Stage, table: readonly number[]): Promise<string> {
  await using folder = await tablePackage(table);
  return (await publish(stage, folder.path)).plan.digest;
}

/** What the functions know of versions is a second old at most. */
function untilOk(stage: Stage, path: string): Promise<void> {
  return waitUntil(stage, async () => {
    const { status } = await call(stage, path);
    return status === 200 ? undefined : `that GET ${path} is answered, got ${status}`;
  });
}

/** @returns the version that answered, and its score of the place 1. */
async function scoreOf(stage: Stage, version: string): Promise<[string, number]> {
  const inputs = [{ name: "features", datatype: "FP32", shape: [1, 2], data: [1, 0] }];
  const { body } = await call(stage, `/v2/models/${tableModelName}${version}/infer`, { body: { inputs } });
  const answer = body as { model_version: string; outputs: [{ data: [number] }] };
  return [answer.model_version, answer.outputs[0].data[0]];
}

/** Refused by the gateway, in the protocol's words. */
function expectRefusal({ status, body: refusal }: Answer, expected: number): void {
  expect(status).toBe(expected);
  expect(refusal).toEqual({ error: expect.stringMatching(/\w{3}/) });
}
