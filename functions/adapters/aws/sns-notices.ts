import type { Notices } from "../../core/train/loop/notices.ts";
import { callAws } from "./call-aws.ts";
import { defaultRetry, type Retry } from "./retry.ts";
import type { TopicClient } from "./topic-client.ts";

export interface SnsNoticesOptions {
  readonly client: Pick<TopicClient, "publish">;
  /** The topic's ARN. */
  readonly topic: string;
  /** @default defaultRetry */
  readonly retry?: Retry;
}

/** SNS takes no more, and nothing but printable ASCII. */
const maxSubject = 100;

/** Notices on a topic of SNS. One whose answer was lost may come twice. */
export class SnsNotices implements Notices {
  readonly #client: SnsNoticesOptions["client"];
  readonly #topic: string;
  readonly #retry: Retry;

  constructor({ client, topic, retry = defaultRetry }: SnsNoticesOptions) {
    this.#client = client;
    this.#topic = topic;
    this.#retry = retry;
  }

  async send({ subject, text }: { readonly subject: string; readonly text: string }): Promise<void> {
    const Subject = subject.replaceAll(/[^ -~]/g, "?").slice(0, maxSubject);
    await callAws(`sns Publish to ${this.#topic}`, this.#retry, () =>
      this.#client.publish({ TopicArn: this.#topic, Subject, Message: text }),
    );
  }
}
