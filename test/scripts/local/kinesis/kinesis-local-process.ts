import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { type AddressInfo, createServer } from "node:net";
import path from "node:path";
import { ListStreamsCommand } from "@aws-sdk/client-kinesis";
import { kinesisClient } from "./serve-kinesis.ts";

/**
 * Start the npm package kinesis-local, another implementation of Kinesis, on a free port.
 *
 * @throws {Error} with all that it printed, when it ends or does not answer within 15 s.
 */
export async function startKinesisLocal(): Promise<{ endpoint: string; stop(): Promise<void> }> {
  const main = createRequire(import.meta.url).resolve("kinesis-local");
  const port = await freePort();
  const child = spawn(process.execPath, [main], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      KINESIS_MOCK_PLAIN_PORT: String(port),
      SHARD_LIMIT: "10000",
      KINESIS_MOCK_TLS_PORT: String(await freePort()),
      // It looks for its certificate in the working directory otherwise, and ends at once.
      KINESIS_MOCK_CERT_PATH: path.join(path.dirname(main), "server.json"),
      ...Object.fromEntries(slowOperations.map((operation) => [`${operation}_DURATION`, "1ms"])),
    },
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => output.push(String(chunk)));
  const ended = once(child, "exit");
  const stop = async () => {
    child.kill();
    await ended;
  };
  const endpoint = `http://127.0.0.1:${port}`;
  const client = kinesisClient(endpoint);
  const deadlineMs = Date.now() + 15_000;
  try {
    while (!(await answers(() => client.send(new ListStreamsCommand({}))))) {
      if (child.exitCode === null && Date.now() < deadlineMs) continue;
      await stop();
      throw new Error(`kinesis-local did not start (exit code ${child.exitCode}):\n${output.join("")}`);
    }
  } finally {
    client.destroy();
  }
  return { endpoint, stop };
}

const slowOperations = [
  "CREATE_STREAM",
  "DELETE_STREAM",
  "SPLIT_SHARD",
  "MERGE_SHARDS",
  "UPDATE_SHARD_COUNT",
  "REGISTER_STREAM_CONSUMER",
  "DEREGISTER_STREAM_CONSUMER",
];

async function answers(request: () => Promise<unknown>): Promise<boolean> {
  try {
    await request();
    return true;
  } catch {
    // Not up yet: the caller tries again until its deadline.
    await new Promise((resolve) => setTimeout(resolve, 100));
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
