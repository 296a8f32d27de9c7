import type { FailureDestination } from "../../../../scripts/local/lambda/failure-destination.ts";

export interface Delivered {
  /** Bucket name, queue ARN or topic ARN. */
  readonly to: string;
  readonly key?: string;
  readonly body: string;
}

/** Remembers deliveries; refuses the next `failures` of them. */
export class MemoryFailureDestination implements FailureDestination {
  readonly delivered: Delivered[] = [];
  failures = 0;

  async putObject(bucket: string, key: string, body: string): Promise<void> {
    this.#take({ to: bucket, key, body });
  }

  async sendMessage(queueArn: string, body: string): Promise<void> {
    this.#take({ to: queueArn, body });
  }

  async publish(topicArn: string, body: string): Promise<void> {
    this.#take({ to: topicArn, body });
  }

  #take(delivered: Delivered): void {
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error("the destination is down");
    }
    this.delivered.push(delivered);
  }
}
