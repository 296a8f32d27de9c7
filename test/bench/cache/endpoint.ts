import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { parentPort } from "node:worker_threads";

/** What the endpoint is told. */
export interface EndpointSettings {
  readonly delayMs: number;
  /** Share of the keys that are found, 0 to 1; the same ones every time. */
  readonly hitRatio: number;
}

/** The parts of DynamoDB's batches that are looked at. */
interface Batch {
  readonly RequestItems: Readonly<Record<string, unknown>>;
}
type Item = { readonly key: { readonly S: string } };

const table = "cache";
const items = new Map<string, Item>();
let settings: EndpointSettings = { delayMs: 0, hitRatio: 1 };

/** A DynamoDB of two operations, in a thread of its own so that its work is not measured. */
const server = createServer(async (request, response) => {
  const { RequestItems } = JSON.parse(await textOf(request)) as Batch;
  if (settings.delayMs > 0) await wait(settings.delayMs);
  const isGet = request.headers["x-amz-target"] === "DynamoDB_20120810.BatchGetItem";
  response.writeHead(200, { "content-type": "application/x-amz-json-1.0" });
  response.end(JSON.stringify(isGet ? get(RequestItems[table]) : put(RequestItems[table])));
});

function get(request: unknown) {
  const { Keys } = request as { readonly Keys: readonly Item[] };
  const found = Keys.flatMap(({ key }) => (isHit(key.S) ? (items.get(key.S) ?? []) : []));
  return { Responses: { [table]: found }, UnprocessedKeys: {} };
}

function put(request: unknown) {
  for (const { PutRequest } of request as readonly { readonly PutRequest: { readonly Item: Item } }[]) {
    items.set(PutRequest.Item.key.S, PutRequest.Item);
  }
  return { UnprocessedItems: {} };
}

/** Keys end in a digest, so their last characters are as good as random. */
function isHit(key: string): boolean {
  return (Buffer.from(key.slice(-8, -4), "base64url").readUInt16BE() % 1_000) / 1_000 < settings.hitRatio;
}

async function textOf(request: IncomingMessage): Promise<string> {
  request.setEncoding("utf8");
  let text = "";
  for await (const part of request) text += part;
  return text;
}

server.listen(0, "127.0.0.1", () => parentPort?.postMessage((server.address() as AddressInfo).port));
parentPort?.on("message", (told: EndpointSettings) => {
  settings = told;
  parentPort?.postMessage("told");
});
