import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { servingOutputs, stackName, stateOutputs } from "../../functions/contract/stack-outputs.ts";
import { buildAll } from "../build/build.ts";
import { runCommand } from "../cli/run-command.ts";
import { installPythonTools } from "../endpoint/python-tools.ts";
import { runProgram } from "../endpoint/run-program.ts";
import { readApiAccess } from "../https/api-access.ts";
import { startCloud } from "../local/cloud.ts";
import { localCredentials } from "../local/local-clients.ts";
import { localRegion } from "../local/service.ts";
import { publishExample } from "../start/publish-example.ts";
import { synthesise } from "../start/synthesise.ts";

const stage = "dev";
const examples = ["flight-delay", "sensor-state"] as const;
const root = fileURLToPath(new URL("../..", import.meta.url));
const environment = {
  // Inside of the folder that git ignores; the tools of test:endpoint are beside it.
  folder: join(root, ".venv", "clients"),
  requirementsFile: fileURLToPath(new URL("requirements.txt", import.meta.url)),
};

const command = {
  usage: "npm run test:clients",
  summary:
    "Ask the example models on the embedded cloud by clients of the Open Inference Protocol not written here.",
  options: {},
  notes: "Installs tritonclient from PyPI into .venv/clients/; Python 3.11 or newer is needed.",
};

await runCommand(command, async (_, signal) => {
  const tools = await installPythonTools(signal, environment);
  const folder = await mkdtemp(join(tmpdir(), "headrace-clients-"));
  const cloud = await startCloud();
  try {
    await buildAll(root);
    const models = Object.fromEntries(examples.map((name) => [name, {}]));
    await synthesise({ stage, outDirectory: folder, models }, signal);
    const { outputs } = await cloud.deploy(folder);
    const state = stateOutputs.parse(outputs[stackName(stage, "State")]);
    const client = { endpoint: cloud.endpoint, region: localRegion, credentials: { ...localCredentials } };
    for (const example of examples) await publishExample(example, state, client);
    const api = await readApiAccess(servingOutputs.parse(outputs[stackName(stage, "Serving")]), {
      stage,
      client,
    });
    console.log(`tritonclient ${tools.version("tritonclient")} asks ${api.url}`);
    const files = ["models", join("test", "fixtures", "flight-delay", "golden.jsonl")];
    const args = [api.url.replace("http://", ""), api.apiKey ?? "", ...files.map((file) => join(root, file))];
    const script = fileURLToPath(new URL("tritonclient_http.py", import.meta.url));
    return await runProgram(tools.path("python"), [script, ...args], { signal });
  } finally {
    await cloud.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
