import {
  CreateTopicCommand,
  DeleteTopicCommand,
  SubscribeCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import { z } from "zod";
import { defineProvider, flag } from "../provider.ts";

const subscription = z.object({ Protocol: z.string(), Endpoint: z.string() });

export const snsTopic = defineProvider({
  type: "AWS::SNS::Topic",
  properties: z.object({ TopicName: z.string().optional(), Subscription: z.array(subscription).default([]) }),
  create: async ({ cloud, physicalName }, properties) => {
    const topicName = properties.TopicName ?? physicalName({ maxLength: 256 });
    const { TopicArn = "" } = await cloud.sns.send(new CreateTopicCommand({ Name: topicName }));
    for (const inline of properties.Subscription)
      await cloud.sns.send(new SubscribeCommand({ TopicArn, ...inline }));
    return {
      physicalId: TopicArn,
      attributes: { TopicArn, TopicName: topicName },
      remove: async () => {
        await cloud.sns.send(new DeleteTopicCommand({ TopicArn }));
      },
    };
  },
});

/** Only subscriptions of SQS queues get messages here; the others are kept, as an unconfirmed address would be. */
export const snsSubscription = defineProvider({
  type: "AWS::SNS::Subscription",
  properties: subscription.extend({
    TopicArn: z.string(),
    RawMessageDelivery: flag.optional(),
    FilterPolicy: z.record(z.string(), z.unknown()).optional(),
    FilterPolicyScope: z.string().optional(),
  }),
  create: async ({ cloud }, { TopicArn, Protocol, Endpoint, ...settings }) => {
    const Attributes: Record<string, string> = {};
    if (settings.RawMessageDelivery !== undefined)
      Attributes.RawMessageDelivery = String(settings.RawMessageDelivery);
    if (settings.FilterPolicy !== undefined) Attributes.FilterPolicy = JSON.stringify(settings.FilterPolicy);
    if (settings.FilterPolicyScope !== undefined) Attributes.FilterPolicyScope = settings.FilterPolicyScope;
    const { SubscriptionArn = "" } = await cloud.sns.send(
      new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes, ReturnSubscriptionArn: true }),
    );
    return {
      physicalId: SubscriptionArn,
      attributes: { Arn: SubscriptionArn },
      remove: async () => {
        await cloud.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
      },
    };
  },
});
