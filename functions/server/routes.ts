import { Hono } from "hono/tiny";
import { oipErrorBody } from "../adapters/http/http-failure.ts";
import type { RestEnv } from "../adapters/http/rest-handler.ts";
import { releaseVersion } from "../contract/release.ts";
import type { Logger } from "../core/observe/logger.ts";
import type { Ledger } from "../core/rollout/ledger.ts";

/** Everything the server function leans on. */
export interface ServerDeps {
  /** The models of the stage. */
  readonly models: readonly string[];
  readonly ledger: Pick<Ledger, "latest">;
  readonly logger: Logger;
  /** Origins whose web pages may read answers. */
  readonly corsOrigins: readonly string[];
}

/** The calls of the Open Inference Protocol that name no model. */
export function createRoutes(deps: ServerDeps): Hono<RestEnv> {
  const app = new Hono<RestEnv>();
  app.get("/v2", (call) => call.json({ name: "headrace", version: releaseVersion, extensions: [] }));
  app.get("/v2/health/live", (call) => call.json({ live: true }));
  app.get("/v2/health/ready", async (call) => {
    const ready = await isReady(deps, call.env.requestId);
    // The protocol's text and its reference server disagree on the key: both are here.
    return call.json({ live: true, ready }, ready ? 200 : 503);
  });
  app.notFound((call) => call.json(oipErrorBody(noSuchCall, call.env.requestId), noSuchCall.status));
  return app;
}

const noSuchCall = {
  status: 404,
  message: "no such call; see the OpenAPI document for those there are",
} as const;

/** Whether the ledger answers and every model has a version to answer with. */
async function isReady({ models, ledger, logger }: ServerDeps, requestId: string): Promise<boolean> {
  const newest = await Promise.allSettled(models.map((model) => ledger.latest(model)));
  const waiting = models.filter((_, i) => {
    const result = newest[i]!;
    return result.status === "rejected" || result.value?.aliases.champion === undefined;
  });
  if (waiting.length === 0) return true;
  const failure = newest.find((result) => result.status === "rejected");
  logger.warn("not ready", { models: waiting, requestId, ...(failure && { error: failure.reason }) });
  return false;
}
