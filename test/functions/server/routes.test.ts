import { describe, expect, it } from "vitest";
import { answerRest } from "../../../functions/adapters/http/rest-handler.ts";
import { MemoryLedger } from "../../../functions/adapters/memory/memory-ledger.ts";
import { MemoryLogger } from "../../../functions/adapters/memory/memory-logger.ts";
import type { ModelDigest } from "../../../functions/contract/ids.ts";
import { oipError, serverLive, serverMetadata, serverReady } from "../../../functions/contract/oip.ts";
import { releaseVersion } from "../../../functions/contract/release.ts";
import { DependencyError } from "../../../functions/core/errors.ts";
import { createRoutes, type ServerDeps } from "../../../functions/server/routes.ts";
import { restCall } from "../predict/set-up.ts";

const digest = "a".repeat(64) as ModelDigest;

async function publish(ledger: MemoryLedger, model: string, isChampion: boolean): Promise<void> {
  await ledger.append({
    ...{ model, revision: 1, at: "2026-01-01T00:00:00.000Z", by: "test", why: "test" },
    change: { kind: "publish", digest, sourceDigest: digest },
    aliases: isChampion ? { champion: { digest } } : {},
  });
}

async function call(path: string, deps: Partial<ServerDeps> = {}) {
  const logger = new MemoryLogger();
  const routes = createRoutes({ models: [], ledger: new MemoryLedger(), logger, corsOrigins: [], ...deps });
  const { statusCode, body } = await answerRest(routes, restCall("GET", path));
  return { status: statusCode, json: JSON.parse(body) as unknown, lines: logger.lines };
}

describe("the server", () => {
  it("says its name, release and extensions", async () => {
    const { status, json } = await call("/v2");
    expect([status, serverMetadata.parse(json)]).toEqual([
      200,
      { name: "headrace", version: releaseVersion, extensions: [] },
    ]);
  });

  it("lives", async () => {
    const { status, json } = await call("/v2/health/live");
    expect([status, serverLive.parse(json)]).toEqual([200, { live: true }]);
  });

  it("is ready when every model has a champion, under both keys that clients look at", async () => {
    const ledger = new MemoryLedger();
    await publish(ledger, "a", true);
    await publish(ledger, "b", true);
    const { status, json } = await call("/v2/health/ready", { models: ["a", "b"], ledger });
    expect([status, serverReady.parse(json)]).toEqual([200, { live: true, ready: true }]);
  });

  it.each([
    ["has no champion", false],
    ["was never published", undefined],
  ])("is not ready while a model %s, and the logs say which", async (_, isChampion) => {
    const ledger = new MemoryLedger();
    await publish(ledger, "a", true);
    if (isChampion !== undefined) await publish(ledger, "b", isChampion);
    const { status, json, lines } = await call("/v2/health/ready", { models: ["a", "b"], ledger });
    expect([status, json]).toEqual([503, { live: true, ready: false }]);
    expect(lines).toMatchObject([{ level: "warn", fields: { models: ["b"], requestId: "request-1" } }]);
  });

  it("is not ready, and lives, while the ledger does not answer", async () => {
    const error = new DependencyError("gone", { code: "dependency.timeout" });
    const ledger = { latest: () => Promise.reject(error) };
    const { status, json, lines } = await call("/v2/health/ready", { models: ["a"], ledger });
    expect([status, json]).toEqual([503, { live: true, ready: false }]);
    expect(lines).toMatchObject([{ fields: { models: ["a"], error } }]);
    expect((await call("/v2/health/live", { models: ["a"], ledger })).status).toBe(200);
  });

  it("knows no other call", async () => {
    for (const path of ["/", "/v2/models/a", "/v2/health"]) {
      const { status, json } = await call(path);
      expect([status, oipError.parse(json).requestId]).toEqual([404, "request-1"]);
    }
  });
});
