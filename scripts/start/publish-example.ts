import { fileURLToPath } from "node:url";
import type { StateOutputs } from "../../functions/contract/stack-outputs.ts";
import { exampleFolder } from "../models/write-package.ts";
import type { Published } from "../publish/publish.ts";
import { publishToState, type StatePublishOptions } from "../publish/publish-to-stage.ts";

/** Publish an example package into the embedded cloud. @throws {ModelArtifactError} when it fails its checks. */
export async function publishExample(
  example: "flight-delay" | "sensor-state",
  outputs: StateOutputs,
  client: StatePublishOptions["client"],
): Promise<Published> {
  const folder = fileURLToPath(exampleFolder(example));
  return await publishToState(outputs, { folder, by: "npm start", why: "the example model", client });
}
