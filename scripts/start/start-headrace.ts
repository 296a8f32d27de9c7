import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { kinesisClient } from "../../functions/adapters/aws/clients.ts";
import {
  type StateOutputs,
  servingOutputs,
  stackName,
  stateOutputs,
} from "../../functions/contract/stack-outputs.ts";
import { buildAll } from "../build/build.ts";
import { createTerminal, type Terminal } from "../cli/terminal.ts";
import { type ApiAccess, readApiAccess } from "../https/api-access.ts";
import { type Cloud, startCloud } from "../local/cloud.ts";
import { type FlightEvents, loadEvents } from "../replay/flight-options.ts";
import { planPhases } from "../replay/phases.ts";
import { showReplay } from "../replay/show-replay.ts";
import { curlLine } from "./curl-line.ts";
import { eventByHand } from "./event-by-hand.ts";
import { publishExample } from "./publish-example.ts";
import { putRecordLine } from "./put-record-line.ts";
import { readService, untilDone } from "./read-service.ts";
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
    () =>
      loadEvents({
        fromMs: options.from,
        limit: options.flights,
        historyMs: options.history * 3_600_000,
      }),
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
    const { outputs, api } = await deploy(terminal, cloud, cdkOut);
    signal.throwIfAborted();
    await publish(terminal, cloud, outputs);
    return await run({ ...options, terminal, cloud, outputs, api, flights, signal });
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new Error(`npm start failed; what the functions wrote is in ${join(home, "start.log")}`, { cause });
  } finally {
    await cloud?.stop();
    await new Promise((resolve) => log.end(resolve));
    await rm(directory, { recursive: true, force: true });
  }
}

function describeFlights(flights: FlightEvents): string {
  const departures = departuresOf(flights);
  const minute = (timeMs: number) => new Date(timeMs).toISOString().slice(0, 16).replace("T", " ");
  return `${departures.length.toLocaleString("en-US")}, ${minute(departures[0]!.timeMs)} to ${minute(departures.at(-1)!.timeMs)}`;
}

function departuresOf({ events }: FlightEvents): FlightEvents["events"] {
  return events.filter(({ event }) => event.type === "departure");
}

function describeBuild({ layers, functions }: Awaited<ReturnType<typeof buildAll>>): string {
  const isChanged = [...layers, ...functions].some((each) => each.isChanged);
  return `${layers.length} layers, ${functions.length} ${functions.length === 1 ? "function" : "functions"}${isChanged ? "" : ", up to date"}`;
}

interface Deployed {
  readonly outputs: StateOutputs;
  /** Absent where the stage is configured to have none. */
  readonly api: ApiAccess | undefined;
}

async function deploy(terminal: Terminal, cloud: Cloud, cdkOut: string): Promise<Deployed> {
  const { outputs } = await terminal.step(
    "deploy",
    () => cloud.deploy(cdkOut),
    (done) => `${Object.keys(done.outputs).length} stacks into the embedded cloud, ${cloud.endpoint}`,
  );
  const serving = servingOutputs.safeParse(outputs[stackName(stage, "Serving")]);
  return {
    outputs: stateOutputs.parse(outputs[stackName(stage, "State")]),
    api: serving.success
      ? await readApiAccess(serving.data, { stage, client: clientConfig(cloud) })
      : undefined,
  };
}

function clientConfig(cloud: Cloud) {
  const { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = cloud.environment();
  return {
    endpoint: cloud.endpoint,
    region: AWS_REGION!,
    credentials: { accessKeyId: AWS_ACCESS_KEY_ID!, secretAccessKey: AWS_SECRET_ACCESS_KEY! },
  };
}

async function publish(terminal: Terminal, cloud: Cloud, outputs: StateOutputs): Promise<void> {
  await terminal.step(
    "publish",
    () => publishExample(model, outputs, clientConfig(cloud)),
    ({ plan }) => `models/${model} ${plan.digest.slice(0, 12)}, ${plan.sampleCount} samples reproduced`,
  );
}

interface RunOptions extends Omit<StartOptions, "flights">, Deployed {
  readonly terminal: Terminal;
  readonly cloud: Cloud;
  readonly flights: FlightEvents;
  readonly signal: AbortSignal;
}

async function run({
  terminal,
  cloud,
  outputs,
  api,
  flights,
  signal,
  ...options
}: RunOptions): Promise<number> {
  const client = kinesisClient({ ...clientConfig(cloud), maxAttempts: 4 });
  const staysUp = terminal.isTty && !options.once;
  const quietMs = 20_000;
  const service = { cloud, outputs, client: clientConfig(cloud), stage, model, quietMs, signal } as const;
  try {
    const report = await showReplay({
      terminal,
      client,
      eventsStream: outputs.EventsStreamName,
      predictionsStream: outputs.PredictionsStreamName,
      model,
      events: flights.events,
      phases: planPhases({
        eventCount: flights.events.length - flights.historyCount,
        historyCount: flights.historyCount,
      }),
      pollIntervalMs: 20,
      quietMs,
      rejectedCount: () =>
        cloud.metrics.sum({
          namespace: "Headrace",
          metric: "Rejected",
          dimensions: { Stage: stage, Model: model },
        }),
      context: { endpoint: cloud.endpoint, apiUrl: api?.url, startedAtMs: performance.timeOrigin },
      out: options.out,
      untilDone: (eventCount) => untilDone(eventCount, service),
      readService: (result) => readService(result, service),
      signal,
    });
    const isWhole = report.predictions === report.flights;
    terminal.line();
    if (!isWhole)
      terminal.line(`not every departure has a prediction; see ${join(root, ".headrace", "start.log")}`);
    terminal.line(
      `Put one yourself${staysUp ? ", from another terminal" : " while npm start stays up on a terminal"}:`,
    );
    terminal.line();
    const event = eventByHand(departuresOf(flights).at(-1)!.flight);
    const environment = cloud.environment();
    const target = { endpoint: cloud.endpoint, streamName: outputs.EventsStreamName, environment };
    terminal.line(putRecordLine(target, event));
    terminal.line();
    if (api !== undefined) {
      terminal.line("Or ask for its prediction over HTTP:");
      terminal.line();
      terminal.line(curlLine({ ...api, model, environment }, event));
      terminal.line();
    }
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
