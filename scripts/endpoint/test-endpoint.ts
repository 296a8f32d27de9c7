import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters, styleText } from "node:util";
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { s3Client } from "../../functions/adapters/aws/clients.ts";
import { type StageName, stackName } from "../../functions/contract/stack-outputs.ts";
import { runCommand } from "../cli/run-command.ts";
import { deleteStacks, stackExists } from "./delete-stacks.ts";
import { type EndpointEnvironment, endpointEnvironment } from "./endpoint-environment.ts";
import { startMiniStack } from "./ministack.ts";
import { installPythonTools } from "./python-tools.ts";
import { mustRun, runProgram } from "./run-program.ts";

const stage: StageName = "dev";
const root = fileURLToPath(new URL("../..", import.meta.url));
const shownLogLines = 40;
/** Those that use others first. */
const stacks = (["Observability", "Learning", "Serving", "State"] as const).map((part) =>
  stackName(stage, part),
);

const command = {
  usage: "npm run test:endpoint",
  summary:
    "Deploy to a cloud that speaks AWS, run the end-to-end suite against it, and delete what was deployed.",
  options: {},
  notes: `Without AWS_ENDPOINT_URL a MiniStack is installed into .venv/, started on 127.0.0.1 and stopped in the end.
With it, that endpoint is used, by AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY where they are set.`,
};

await runCommand(command, async (_, signal) => {
  const folder = await mkdtemp(join(tmpdir(), "headrace-endpoint-"));
  try {
    const given = process.env.AWS_ENDPOINT_URL;
    if (given) return await testEndpoint(endpointEnvironment(given, folder, process.env), folder, signal);
    return await testMiniStack(folder, signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

async function testMiniStack(folder: string, signal: AbortSignal): Promise<number> {
  const tools = await installPythonTools(signal);
  const region = "us-east-1";
  let status = 1;
  {
    await using ministack = await startMiniStack({
      program: tools.path("ministack"),
      folder,
      region,
      signal,
    });
    const { endpoint, pid } = ministack;
    heading(`MiniStack ${tools.version("ministack")} answers on ${endpoint}, process ${pid}`);
    try {
      status = await testEndpoint(
        endpointEnvironment(endpoint, folder, { AWS_REGION: region }),
        folder,
        signal,
      );
    } finally {
      if (status !== 0) console.log(`the end of MiniStack's log:\n${await ministack.log(shownLogLines)}`);
    }
  }
  heading("MiniStack stopped");
  return status;
}

/** @returns the status of the suite. */
async function testEndpoint(
  environment: EndpointEnvironment,
  folder: string,
  signal: AbortSignal,
): Promise<number> {
  const config = {
    endpoint: environment.AWS_ENDPOINT_URL,
    region: environment.AWS_REGION,
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID,
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY,
    },
  };
  const clients = { cloudformation: new CloudFormationClient(config), s3: s3Client(config) };
  const sts = new STSClient(config);
  const { Account } = await sts.send(new GetCallerIdentityCommand({}), { abortSignal: signal });
  for (const name of stacks) {
    if (!(await stackExists(name, clients.cloudformation))) continue;
    throw new Error(
      `${environment.AWS_ENDPOINT_URL}: got a stack ${name}, expected none: what is deployed here is deleted in the end; delete it first`,
    );
  }
  // A profile would win over keys, and lead elsewhere.
  const { AWS_PROFILE: _, AWS_SESSION_TOKEN: __, ...own } = process.env;
  const run = { cwd: root, env: { ...own, ...environment }, signal };
  const cdk = (...args: string[]) =>
    mustRun(process.execPath, [join(root, "node_modules", "aws-cdk", "bin", "cdk"), ...args], run);
  try {
    heading(`bootstrap account ${Account} in ${config.region}`);
    await cdk("bootstrap", `aws://${Account}/${config.region}`);
    heading("deploy");
    const context = ["-c", "target=local", "-c", `stage=${stage}`];
    await cdk(
      "deploy",
      "--all",
      ...context,
      "--require-approval",
      "never",
      "--output",
      join(folder, "cdk.out"),
    );
    heading("test");
    return await runSuite(run);
  } finally {
    heading("delete");
    const deleted = await deleteStacks(stacks, clients);
    console.log(deleted.length === 0 ? "nothing was deployed" : `deleted ${deleted.join(", ")}`);
  }
}

async function runSuite(run: { cwd: string; env: NodeJS.ProcessEnv; signal: AbortSignal }): Promise<number> {
  const skips: string[] = [];
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const status = await runProgram(
    process.execPath,
    // One file at a time: they share the stage, and it has one worker.
    [vitest, "run", "test/end-to-end", "--no-file-parallelism"],
    {
      ...run,
      env: { ...run.env, TARGET: "endpoint", STAGE: stage },
      onLine: (line) => {
        const [skip] = /skipped on target .*/.exec(stripVTControlCharacters(line)) ?? [];
        if (skip !== undefined) skips.push(skip);
      },
    },
  );
  heading(`${skips.length} tests were skipped`);
  for (const skip of skips) console.log(`  ${skip}`);
  return status;
}

function heading(text: string): void {
  console.log(`\n${styleText("bold", text)}`);
}
