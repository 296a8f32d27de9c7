import { ConflictError, DependencyError } from "../../core/errors.ts";
import type { FunctionEnvironment, FunctionVariables } from "../../core/rollout/function-environment.ts";
import { isAwsError } from "./aws-errors.ts";
import { callAws } from "./call-aws.ts";
import type { FunctionClient } from "./function-client.ts";
import { defaultRetry, type Retry } from "./retry.ts";

export interface LambdaFunctionEnvironmentOptions {
  readonly client: FunctionClient;
  /** @default defaultRetry */
  readonly retry?: Retry;
}

/** The environment variables of Lambda functions. */
export class LambdaFunctionEnvironment implements FunctionEnvironment {
  readonly #client: FunctionClient;
  readonly #retry: Retry;

  constructor({ client, retry = defaultRetry }: LambdaFunctionEnvironmentOptions) {
    this.#client = client;
    this.#retry = retry;
  }

  async read(functionName: string): Promise<FunctionVariables> {
    const what = `lambda GetFunctionConfiguration of ${functionName}`;
    const { Environment, RevisionId } = await callAws(what, this.#retry, () =>
      this.#client.getConfiguration(functionName),
    );
    // Hidden variables would be lost by the next write.
    if (Environment?.Error !== undefined || RevisionId === undefined) {
      throw new DependencyError(
        `${what}: got no variables (${Environment?.Error?.ErrorCode ?? "no revision"}); let the guard decrypt them`,
        { code: "dependency.unavailable", details: { functionName } },
      );
    }
    return { variables: Environment?.Variables ?? {}, revision: RevisionId };
  }

  async replace(functionName: string, { variables, revision }: FunctionVariables): Promise<void> {
    const what = `lambda UpdateFunctionConfiguration of ${functionName}`;
    const change = { Environment: { Variables: { ...variables } }, RevisionId: revision };
    await callAws(what, this.#retry, async () => {
      try {
        await this.#client.updateConfiguration(functionName, change);
      } catch (error) {
        if (!isAwsError(error, "ResourceConflictException", "PreconditionFailedException")) throw error;
        throw new ConflictError(
          `${what}: got a configuration that is or was changed by somebody else; read it again and decide anew`,
          { code: "dependency.conflict", details: { functionName, revision }, cause: error },
        );
      }
    });
  }
}
