import type { buildApp } from "fauxqs";

/**
 * Make fauxqs hand out queue URLs on the host that the caller used, and take them back.
 *
 * Its own are `http://sqs.<region>.localhost:<port>/…`, and the SDK sends requests to the URL of the queue: names
 * below `localhost` do not resolve on every system.
 */
export function keepQueueUrlsLocal(app: ReturnType<typeof buildApp>): void {
  app.addHook("preHandler", async ({ headers, body }) => {
    if (!isSqs(headers["x-amz-target"]) || !hasQueueUrl(body)) return;
    const path = /^https?:\/\/[^/]+(\/.*)$/.exec(body.QueueUrl)?.[1];
    const region = /Credential=[^/]+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? "")?.[1] ?? "us-east-1";
    if (path !== undefined) body.QueueUrl = `http://sqs.${region}.localhost${portOf(headers.host)}${path}`;
  });
  app.addHook("onSend", async ({ headers }, _reply, payload) => {
    const handsOut = operationsThatHandOutUrls.has(String(headers["x-amz-target"]));
    if (!handsOut || typeof payload !== "string") return payload;
    return payload.replaceAll(/http:\/\/sqs\.[a-z0-9-]+\.localhost(:\d+)?\//g, `http://${headers.host}/`);
  });
}

const operationsThatHandOutUrls: ReadonlySet<string> = new Set([
  "AmazonSQS.CreateQueue",
  "AmazonSQS.GetQueueUrl",
  "AmazonSQS.ListQueues",
]);

function isSqs(target: string | string[] | undefined): boolean {
  return typeof target === "string" && target.startsWith("AmazonSQS.");
}

function hasQueueUrl(body: unknown): body is { QueueUrl: string } {
  return typeof body === "object" && body !== null && "QueueUrl" in body && typeof body.QueueUrl === "string";
}

function portOf(host: string | undefined): string {
  return /:\d+$/.exec(host ?? "")?.[0] ?? "";
}
