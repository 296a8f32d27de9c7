import { vi } from "vitest";
import { servingOutputs, stackName, stateOutputs } from "../../../functions/contract/stack-outputs.ts";
import { createHeadraceApp } from "../../../infra/headrace-app.ts";
import { readApiAccess } from "../../../scripts/https/api-access.ts";
import { startCloud } from "../../../scripts/local/cloud.ts";
import { localCredentials } from "../../../scripts/local/local-clients.ts";
import { localRegion } from "../../../scripts/local/service.ts";
import { functionProcesses } from "./function-processes.ts";
import { makeStage, type Stage } from "./stage.ts";
import type { StageOptions } from "./target.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const stage = "dev";
/** Of an event source; the cloud's own is as patient as Lambda's. */
const backoff = { baseMs: 20, capMs: 250 };
const keptLogLines = 200;

/** Synthesise the app, deploy it into a cloud of its own, and open it; what `npm run build` wrote is what runs. */
export async function openEmbeddedStage(options: StageOptions): Promise<Stage> {
  const { kinesis, apiGateway, onLog, ...context } = options;
  const folder = await temporaryFolder();
  const lines: string[] = [];
  const cloud = await startCloud({
    kinesis,
    apiGateway,
    lambda: { backoff },
    onLog: (source, line) => {
      onLog?.(line);
      lines.push(`${source}: ${line}`);
      if (lines.length > keptLogLines) lines.shift();
    },
  });
  const close = async () => {
    await cloud.stop();
    await folder[Symbol.asyncDispose]();
    const left = await functionProcesses(cloud.port);
    if (left.length > 0)
      throw new Error(`the cloud is stopped, but processes of it live: ${left.join(", ")}`);
  };
  try {
    synthesise(folder.path, context);
    const { outputs } = await cloud.deploy(folder.path);
    const client = { endpoint: cloud.endpoint, region: localRegion, credentials: { ...localCredentials } };
    const serving = servingOutputs.parse(outputs[stackName(stage, "Serving")]);
    return await makeStage({
      outputs: stateOutputs.parse(outputs[stackName(stage, "State")]),
      api: await readApiAccess(serving, { stage, client }),
      environment: cloud.environment(),
      client,
      cloud,
      recentLog: () => lines.join("\n"),
      close,
    });
  } catch (cause) {
    await close();
    throw cause;
  }
}

function synthesise(
  outdir: string,
  { models, api, archive }: Pick<StageOptions, "models" | "api" | "archive">,
): void {
  // cdk-nag and CDK's own checks of the template cost seconds; the tests of infra run them.
  vi.stubEnv("CDK_VALIDATION", "false");
  const given = { ...(models && { models }), ...(api && { api }), ...(archive && { archive }) };
  const context = { stage, target: "local", ...given };
  createHeadraceApp({ outdir, treeMetadata: false, context }).app.synth();
}
