import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { servingOutputs, stackName, stateOutputs } from "../../../functions/contract/stack-outputs.ts";
import { type ApiAccess, readApiAccess } from "../../../scripts/https/api-access.ts";
import { startCloud } from "../../../scripts/local/cloud.ts";
import { localCredentials } from "../../../scripts/local/local-clients.ts";
import { localRegion } from "../../../scripts/local/service.ts";
import { publishExample } from "../../../scripts/start/publish-example.ts";
import { synthesise } from "../../../scripts/start/synthesise.ts";

/** The stage as `npm start` deploys it, with the example model published. */
export interface GatewayCloud {
  readonly api: ApiAccess;
  stop(): Promise<void>;
}

const stage = "dev";

/** Runs what the build wrote. */
export async function startGatewayCloud(): Promise<GatewayCloud> {
  const folder = await mkdtemp(join(tmpdir(), "headrace-bench-"));
  const cloud = await startCloud();
  const stop = async () => {
    await cloud.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await synthesise({ stage, outDirectory: folder });
    const { outputs } = await cloud.deploy(folder);
    const client = { endpoint: cloud.endpoint, region: localRegion, credentials: { ...localCredentials } };
    await publishExample("flight-delay", stateOutputs.parse(outputs[stackName(stage, "State")]), client);
    const api = await readApiAccess(servingOutputs.parse(outputs[stackName(stage, "Serving")]), {
      stage,
      client,
    });
    return { api, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
