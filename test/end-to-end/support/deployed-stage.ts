import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { stageName } from "../../../functions/contract/stack-outputs.ts";
import { discoverApi, discoverStage } from "../../../scripts/discover.ts";
import { readApiAccess } from "../../../scripts/https/api-access.ts";
import { makeStage, type Stage } from "./stage.ts";
import type { StageOptions } from "./target.ts";

/** Variables by which the SDK finds a place and its credentials; a child process inherits the rest anyway. */
const sdkVariables = /^AWS_/;

/**
 * Open a stage that was deployed beforehand, wherever the SDK's own environment points; `STAGE` names it, `dev` by default.
 *
 * `npm run test:endpoint` runs it against MiniStack; it has never been run against a real account. What it holds
 * stays: tests publish to it and put events on its stream.
 */
export async function openDeployedStage(options: StageOptions): Promise<Stage> {
  if (Object.values(options).some((option) => option !== undefined)) {
    throw new Error(
      "a deployed stage has its own models and settings; the test has to say that it needs ownModels",
    );
  }
  const stage = stageName.parse(process.env.STAGE ?? "dev");
  const cloudformation = new CloudFormationClient({});
  try {
    return await makeStage({
      outputs: await discoverStage(stage, cloudformation),
      api: await readApiAccess(await discoverApi(stage, cloudformation), { stage }),
      environment: Object.fromEntries(
        Object.entries(process.env).flatMap(([name, value]) =>
          sdkVariables.test(name) && value !== undefined ? [[name, value]] : [],
        ),
      ),
      client: {},
      recentLog: () => "the functions' own log groups tell more",
      close: async () => undefined,
    });
  } finally {
    cloudformation.destroy();
  }
}
