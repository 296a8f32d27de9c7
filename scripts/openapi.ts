import { parseArgs } from "node:util";
import { type StageName, stageName } from "../functions/contract/stack-outputs.ts";
import { discoverApi } from "./discover.ts";
import { apiUrl } from "./https/api-access.ts";
import { describePackage } from "./openapi/describe-package.ts";
import { openApiDocument } from "./openapi/openapi-document.ts";
import { oneOf } from "./publish/one-of.ts";
import { readFolder } from "./publish/read-folder.ts";

const usage = `npm run openapi -- <folder> ... [options]

Print the OpenAPI 3.1 document of a deployment that serves the model packages in the given folders.

  --stage dev|prod    a deployed stage: the document says where it answers
  --url <url>         where it answers, if it is not deployed yet
  --auth apiKey|iam   how its calls are allowed (default apiKey, or as deployed)`;

try {
  await main();
} catch (error) {
  if (!(error instanceof Error)) throw error;
  console.error(process.env.DEBUG ? error.stack : error.message);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values, positionals: folders } = parseArgs({
    allowPositionals: true,
    options: {
      stage: { type: "string" },
      url: { type: "string" },
      auth: { type: "string", default: "apiKey" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(usage);
  if (folders.length === 0) throw new Error(`got no folder, expected at least one\n\n${usage}`);
  const deployed =
    values.stage === undefined ? undefined : await readDeployed(oneOf("--stage", stageName, values.stage));
  const { auth, url } = deployed ?? values;
  if (auth !== "apiKey" && auth !== "iam") throw new Error(`--auth: got "${auth}", expected apiKey or iam`);
  const models = [];
  for (const folder of folders) {
    const { files, problems } = await readFolder(folder);
    if (problems.length > 0)
      throw new Error(problems.map(({ message }) => `${folder}: ${message}`).join("\n"));
    models.push(await describePackage(files));
  }
  console.log(JSON.stringify(openApiDocument({ models, auth, url }), undefined, 2));
}

async function readDeployed(stage: StageName): Promise<{ auth: string; url: string }> {
  const outputs = await discoverApi(stage);
  return { auth: outputs.ApiKeyId === undefined ? "iam" : "apiKey", url: apiUrl(outputs, stage) };
}
