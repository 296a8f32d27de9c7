import type { buildApp } from "fauxqs";

/** A message that was published on a topic. */
export interface PublishedMessage {
  readonly topicArn: string;
  readonly subject: string | undefined;
  readonly message: string;
}

/** Tell `onPublish` of each message that SNS accepts, whether or not anybody subscribes. */
export function watchPublished(
  app: ReturnType<typeof buildApp>,
  onPublish: (published: PublishedMessage) => void,
): void {
  app.addHook("onSend", async ({ body }, reply, payload) => {
    if (reply.statusCode === 200 && isPublish(body)) {
      onPublish({ topicArn: body.TopicArn, subject: body.Subject, message: body.Message });
    }
    return payload;
  });
}

interface PublishForm {
  readonly TopicArn: string;
  readonly Subject?: string;
  readonly Message: string;
}

function isPublish(body: unknown): body is PublishForm {
  return typeof body === "object" && body !== null && "Action" in body && body.Action === "Publish";
}
