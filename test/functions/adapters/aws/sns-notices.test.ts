import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { describe, expect, it, onTestFinished } from "vitest";
import { awsAccess } from "../../../../functions/adapters/aws/aws-access.ts";
import { topicClient } from "../../../../functions/adapters/aws/clients.ts";
import { SnsNotices } from "../../../../functions/adapters/aws/sns-notices.ts";
import { DependencyError, InvariantError } from "../../../../functions/core/errors.ts";
import { instantRetry } from "./serve-aws.ts";

const topic = "arn:aws:sns:us-east-1:000000000000:alarms";
const xml = (name: string, body: string) =>
  `<?xml version="1.0"?><${name} xmlns="http://sns.amazonaws.com/doc/2010-03-31/">${body}</${name}>`;
const done = xml("PublishResponse", "<PublishResult><MessageId>1</MessageId></PublishResult>");
const refusal = (code: string) =>
  xml("ErrorResponse", `<Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error>`);

/** Something that answers as SNS does, in turn and then with the last, asked by our client and by the SDK's. */
async function serve(...answers: readonly (readonly [status: number, body: string])[]) {
  const asked: {
    method: string | undefined;
    url: string | undefined;
    form: Record<string, string>;
    signedFor: string | undefined;
  }[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    const { method, url, headers } = request;
    const signedFor = /Credential=test\/\d+\/(\S+),/.exec(headers.authorization ?? "")?.[1];
    asked.push({ method, url, signedFor, form: Object.fromEntries(new URLSearchParams(text)) });
    const [status, body] = answers[asked.length - 1] ?? answers.at(-1)!;
    response.writeHead(status, { "content-type": "text/xml" }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const config = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  const [client, sdk] = [topicClient(awsAccess(config)), new SNSClient({ ...config, maxAttempts: 1 })];
  onTestFinished(async () => {
    client.destroy();
    sdk.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { asked, client, sdk, notices: new SnsNotices({ client, topic, retry: instantRetry() }) };
}

describe("notices on a topic", () => {
  it("asks what the SDK's client asks", async () => {
    const { asked, client, sdk } = await serve([200, done]);
    const message = { TopicArn: topic, Subject: "a & b", Message: "é=1\n+ %" };
    await client.publish(message);
    await sdk.send(new PublishCommand(message));
    expect(asked[0]).toEqual(asked[1]);
    expect(asked[0]).toMatchObject({ method: "POST", url: "/", form: { ...message, Action: "Publish" } });
  });

  it("cuts a subject to what SNS takes", async () => {
    const { asked, notices } = await serve([200, done]);
    await notices.send({ subject: `é\n${"x".repeat(120)}`, text: "text" });
    expect(asked[0]!.form).toMatchObject({ Subject: `??${"x".repeat(98)}`, Message: "text" });
  });

  it("tries again on a throttle, and tells a refusal by SNS's own name", async () => {
    const throttled = await serve([400, refusal("Throttling")], [200, done]);
    await throttled.notices.send({ subject: "s", text: "t" });
    expect(throttled.asked).toHaveLength(2);
    const denied = await serve([403, refusal("AuthorizationError")]);
    await expect(denied.notices.send({ subject: "s", text: "t" })).rejects.toThrow(DependencyError);
    await expect(denied.notices.send({ subject: "s", text: "t" })).rejects.toThrow(/AuthorizationError: no/);
    const wrong = await serve([404, refusal("NotFound")]);
    await expect(wrong.notices.send({ subject: "s", text: "t" })).rejects.toThrow(InvariantError);
  });
});
