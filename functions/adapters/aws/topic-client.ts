import type { HttpAnswer } from "./http-sender.ts";
import type { JsonCallerOptions } from "./json-caller.ts";
import { type JsonError, jsonError } from "./json-error.ts";
import { createPlaceFinder } from "./service-place.ts";

/** What is published: members of SNS's `PublishInput`. */
export interface TopicMessage {
  readonly TopicArn: string;
  readonly Subject: string;
  readonly Message: string;
}

/**
 * The one call of SNS that the functions make, without the SDK's client for all of it.
 *
 * A call throws a `JsonError` of SNS's answer, and what the sender throws where there is none.
 */
export interface TopicClient {
  /** A request that met a closed connection is sent once more: the message may then be delivered twice. */
  publish(message: TopicMessage): Promise<void>;
  /** Close the connections that are idle. */
  destroy(): void;
}

/** SNS has no protocol of JSON: forms go in, and XML comes out. @see SNS API reference, `Publish` */
export function createTopicClient({ access, sender, now = Date.now }: JsonCallerOptions): TopicClient {
  const findPlace = createPlaceFinder({ name: "SNS", id: "sns" }, access);
  return {
    async publish(message) {
      const { protocol, hostname, port, path, host, sign } = await findPlace();
      const body = new URLSearchParams({ Action: "Publish", Version: "2010-03-31", ...message }).toString();
      const headers = sign(
        {
          ...{ path, body, timeMs: now() },
          headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8", host },
        },
        await access.credentials(),
      );
      const answer = await sender.post({
        ...{ protocol, hostname, port, path, body },
        headers: { ...headers, "content-length": String(Buffer.byteLength(body)) },
      });
      if (answer.status !== 200) throw topicError(answer);
    },
    destroy: () => sender.destroy(),
  };
}

function topicError(answer: HttpAnswer): JsonError {
  return jsonError("SNS", answer, {
    __type: elementIn(answer.text, "Code"),
    message: elementIn(answer.text, "Message"),
  });
}

function elementIn(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}
