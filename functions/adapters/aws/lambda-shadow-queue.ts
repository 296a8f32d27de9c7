import type { ShadowBatch } from "../../contract/shadow.ts";
import type { ShadowQueue } from "../../core/rollout/shadow-queue.ts";
import { toHeadraceError } from "./aws-errors.ts";
import type { FunctionClient } from "./function-client.ts";

export interface LambdaShadowQueueOptions {
  readonly client: Pick<FunctionClient, "invokeAsync">;
  /** Name of the shadow function. */
  readonly functionName: string;
}

/** A shadow function, invoked asynchronously and once: what it does not take is not tried again. */
export class LambdaShadowQueue implements ShadowQueue {
  readonly #client: Pick<FunctionClient, "invokeAsync">;
  readonly #functionName: string;

  constructor({ client, functionName }: LambdaShadowQueueOptions) {
    this.#client = client;
    this.#functionName = functionName;
  }

  async put(batch: ShadowBatch, signal: AbortSignal): Promise<void> {
    try {
      await this.#client.invokeAsync(this.#functionName, JSON.stringify(batch), { abortSignal: signal });
    } catch (error) {
      throw toHeadraceError(error, `lambda Invoke of ${this.#functionName}`);
    }
  }
}
