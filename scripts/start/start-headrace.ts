import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { kinesisClient } from "../../functions/adapters/aws/clients.ts";
import { type StateOutputs, stackName, stateOutputs } from "../../functions/contract/stack-outputs.ts";
import { buildAll } from "../build/build.ts";
import { createTerminal, type Terminal } from "../cli/terminal.ts";
import type { Flight } from "../flights/flight.ts";
import { type Cloud, startCloud } from "../local/cloud.ts";
import { loadFlights } from "../replay/flight-options.ts";
import { planPhases } from "../replay/phases.ts";
import { showReplay } from "../replay/show-replay.ts";
import { publishExample } from "./publish-example.ts";
import { putRecordLine } from "./put-record-line.ts";
import { makeRunDirectory } from "./run-directory.ts";
import { showPredictions } from "./show-predictions.ts";
import type { StartOptions } from "./start-command.ts";
import { synthesise } from "./synthesise.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const stage = "dev";
const model = "flight-delay";

/**
 * The main job: build, synthesise, start the embedded cloud, deploy, publish the model, replay flights, sum up.
 *
 * What it writes stays in `build/` and `.headrace/` of this folder; the run's own part of `.headrace/` is removed.
 *
 * @returns the exit status: 0 when every event has its prediction.
 */
export async function startHeadrace(options: StartOptions, signal: AbortSignal): Promise<number> {
  const terminal = createTerminal(process.stdout);
  const flights = await terminal.step(
    "flights",
    () => loadFlights({ fromMs: options.from, limit: options.flights }),
    describeFlights,
  );
  const home = join(root, ".headrace");
  const directory = await makeRunDirectory(home);
  const log = createWriteStream(join(home, "start.log"));
  let cloud: Cloud | undefined;
  try {
    // First, so that a port that is taken is told at once.
    cloud = await startCloud({
      port: options.port,
      onLog: (source, line) => void log.write(`${source}: ${line}\n`),
    });
    await terminal.step("build", () => buildAll(root), describeBuild);
    signal.throwIfAborted();
    const cdkOut = join(directory, "cdk.out");
    await terminal.step(
      "synthesise",
      () => synthesise({ stage, outDirectory: cdkOut }, signal),
      () => "the CDK app, for this machine",
    );
    const outputs = await deploy(terminal, cloud, cdkOut);
    signal.throwIfAborted();
    await publish(terminal, cloud, outputs);
    return await run({ ...options, terminal, cloud, outputs, flights, signal });
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new Error(`npm start failed; what the functions wrote is in ${join(home, "start.log")}`, { cause });
  } finally {
    await cloud?.stop();
    await new Promise((resolve) => log.end(resolve));
    await rm(directory, { recursive: true, force: true });
  }
}

function describeFlights(flights: readonly Flight[]): string {
  const minute = ({ departsMs }: Flight) => new Date(departsMs).toISOString().slice(0, 16).replace("T", " ");
  return `${flights.length.toLocaleString("en-US")}, ${minute(flights[0]!)} to ${minute(flights.at(-1)!)}`;
}

function describeBuild({ layers, functions }: Awaited<ReturnType<typeof buildAll>>): string {
  const isChanged = [...layers, ...functions].some((each) => each.isChanged);
  return `${layers.length} layers, ${functions.length} ${functions.length === 1 ? "function" : "functions"}${isChanged ? "" : ", up to date"}`;
}

async function deploy(terminal: Terminal, cloud: Cloud, cdkOut: string): Promise<StateOutputs> {
  const { outputs } = await terminal.step(
    "deploy",
    () => cloud.deploy(cdkOut),
    (done) => `${Object.keys(done.outputs).length} stacks into the embedded cloud, ${cloud.endpoint}`,
  );
  return stateOutputs.parse(outputs[stackName(stage, "State")]);
}

async function publish(terminal: Terminal, cloud: Cloud, outputs: StateOutputs): Promise<void> {
  await terminal.step(
    "publish",
    () => publishExample(cloud, outputs),
    ({ plan }) => `models/${model} ${plan.digest.slice(0, 12)}, ${plan.sampleCount} samples reproduced`,
  );
}

interface RunOptions extends Omit<StartOptions, "flights"> {
  readonly terminal: Terminal;
  readonly cloud: Cloud;
  readonly outputs: StateOutputs;
  readonly flights: readonly Flight[];
  readonly signal: AbortSignal;
}

async function run({ terminal, cloud, outputs, flights, signal, ...options }: RunOptions): Promise<number> {
  const environment = cloud.environment();
  const client = kinesisClient({
    endpoint: cloud.endpoint,
    region: environment.AWS_REGION!,
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID!,
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY!,
    },
    maxAttempts: 4,
  });
  const staysUp = terminal.isTty && !options.once;
  try {
    const report = await showReplay({
      terminal,
      client,
      eventsStream: outputs.EventsStreamName,
      predictionsStream: outputs.PredictionsStreamName,
      model,
      flights,
      phases: planPhases(flights.length),
      pollIntervalMs: 20,
      quietMs: 20_000,
      rejectedCount: () =>
        cloud.metrics.sum({ namespace: "Headrace", metric: "Rejected", dimensions: { Model: model } }),
      context: { endpoint: cloud.endpoint, startedAtMs: performance.timeOrigin },
      out: options.out,
      signal,
    });
    const isWhole = report.predictions === report.events;
    terminal.line();
    if (!isWhole)
      terminal.line(`not every event has a prediction; see ${join(root, ".headrace", "start.log")}`);
    terminal.line(
      `Put one yourself${staysUp ? ", from another terminal" : " while npm start stays up on a terminal"}:`,
    );
    terminal.line();
    const target = { endpoint: cloud.endpoint, streamName: outputs.EventsStreamName, environment };
    terminal.line(putRecordLine(target, flights.at(-1)!));
    terminal.line();
    if (staysUp) await stayUp({ terminal, cloud, client, outputs, signal });
    if (options.json) terminal.line(JSON.stringify(report));
    return isWhole ? 0 : 1;
  } finally {
    client.destroy();
  }
}

interface StayUpOptions extends Pick<RunOptions, "terminal" | "cloud" | "outputs" | "signal"> {
  readonly client: ReturnType<typeof kinesisClient>;
}

async function stayUp({ terminal, cloud, client, outputs, signal }: StayUpOptions): Promise<void> {
  const variables = Object.entries(cloud.environment()).map(([name, value]) => `${name}=${value}`);
  terminal.line("For npm run replay, publish-model and redrive, and for the aws CLI:");
  terminal.line();
  terminal.line(`export ${variables.join(" ")}`);
  terminal.line();
  terminal.line(terminal.dim("Predictions are shown as they come. Ctrl-C ends it."));
  await showPredictions({ client, streamName: outputs.PredictionsStreamName, terminal, signal });
}
