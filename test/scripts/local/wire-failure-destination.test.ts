import { CreateBucketCommand, GetObjectCommand } from "@aws-sdk/client-s3";
import { CreateTopicCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { expect, it, onTestFinished } from "vitest";
import { startCloud } from "../../../scripts/local/cloud.ts";
import { createLocalClients } from "../../../scripts/local/local-clients.ts";
import { createWireFailureDestination } from "../../../scripts/local/wire-failure-destination.ts";

it("delivers to a bucket, to a queue by its ARN and to a topic", async () => {
  const cloud = await startCloud();
  onTestFinished(() => cloud.stop());
  const clients = createLocalClients(cloud.endpoint);
  onTestFinished(clients.close);
  const destination = createWireFailureDestination(clients);
  await clients.s3.send(new CreateBucketCommand({ Bucket: "parked" }));
  const { QueueUrl } = await clients.sqs.send(new CreateQueueCommand({ QueueName: "parked" }));
  const { TopicArn = "" } = await clients.sns.send(new CreateTopicCommand({ Name: "parked" }));
  const Endpoint = "arn:aws:sqs:us-east-1:000000000000:parked";
  const Attributes = { RawMessageDelivery: "true" };
  await clients.sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint, Attributes }));

  await destination.putObject("parked", "aws/lambda/a b.json", '{"a":"ü"}');
  await destination.sendMessage(Endpoint, "to the queue");
  await destination.publish(TopicArn, "to the topic");

  const { Body } = await clients.s3.send(
    new GetObjectCommand({ Bucket: "parked", Key: "aws/lambda/a b.json" }),
  );
  expect(await Body?.transformToString()).toBe('{"a":"ü"}');
  const { Messages = [] } = await clients.sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
  );
  expect(Messages.map(({ Body: text }) => text)).toEqual(["to the queue", "to the topic"]);
  const unknown = destination.sendMessage("arn:aws:sqs:us-east-1:000000000000:nowhere", "x");
  await expect(unknown).rejects.toMatchObject({
    name: expect.stringMatching(/QueueDoesNotExist|NonExistentQueue/),
  });
});
