import type { ModelDigest } from "../contract/ids.ts";
import { ModelArtifactError, ModelRunError } from "../core/errors.ts";
import type { LoadedModel } from "../core/inference/loaded-model.ts";
import { createTensorPredictor, type TensorPredictor } from "../core/protocol/infer.ts";
import { parseInferRequest, type TensorRequest } from "../core/protocol/infer-request.ts";
import { isChallengersEntity } from "../core/rollout/route.ts";
import type { ServingRoles } from "../core/rollout/serving-roles.ts";
import type { PredictDeps } from "./deps.ts";

/** The answer to a request of the Open Inference Protocol. */
export interface TensorAnswer {
  readonly request: TensorRequest;
  /** Who answers. */
  readonly digest: ModelDigest;
  /** The outputs as the JSON text of the protocol's list. */
  readonly outputs: string;
}

/** Answers bodies of the Open Inference Protocol; one at a time, since a model's buffers are shared. */
export interface TensorAnswers {
  /** @throws as `parseInferRequest` and `TensorPredictor.infer` do */
  byVersion(body: string, model: LoadedModel): Promise<TensorAnswer>;
  /**
   * Let the version answer whose entity it is, and only that one run: the request's `parameters.entity`, else its `id`;
   * without either the champion. A challenger that fails, that was stopped a short while ago, or whose tensors are not
   * the champion's leaves the answer to the champion.
   *
   * @throws as `byVersion` does
   */
  byRoles(body: string, roles: ServingRoles): Promise<TensorAnswer>;
}

/** Weight of the newest request in the running mean of the champion's cost per row. */
const newestWeight = 0.2;

export function createTensorAnswers(
  deps: Pick<PredictDeps, "breaker" | "metrics" | "logger" | "nowMs">,
): TensorAnswers {
  const { breaker, metrics, logger, nowMs } = deps;
  const predictors = new WeakMap<LoadedModel, TensorPredictor>();
  const championMs = new WeakMap<LoadedModel, number>();

  return {
    async byVersion(body, model) {
      const request = parse(body, model);
      return { request, digest: model.digest, outputs: await predictorOf(model).infer(request) };
    },
    async byRoles(body, { champion, challenger }) {
      const request = parse(body, champion);
      const key = request.entity ?? request.id;
      const isChallengers =
        challenger !== undefined &&
        key !== undefined &&
        isChallengersEntity(key, challenger.model.digest, challenger.share) &&
        haveSameTensors(champion, challenger.model) &&
        breaker.isClosed(challenger.model.digest);
      const byChallenger = isChallengers
        ? await tryChallenger(request, challenger.model, champion)
        : undefined;
      return byChallenger ?? (await byChampion(request, champion));
    },
  };

  async function byChampion(request: TensorRequest, model: LoadedModel): Promise<TensorAnswer> {
    const startedMs = nowMs();
    const outputs = await predictorOf(model).infer(request);
    const rowMs = (nowMs() - startedMs) / request.rowCount;
    const known = championMs.get(model) ?? rowMs;
    championMs.set(model, known + newestWeight * (rowMs - known));
    return { request, digest: model.digest, outputs };
  }

  /** @returns undefined where it fails on a row. */
  async function tryChallenger(
    request: TensorRequest,
    model: LoadedModel,
    champion: LoadedModel,
  ): Promise<TensorAnswer | undefined> {
    const { digest } = model;
    const { rowCount } = request;
    const startedMs = nowMs();
    try {
      const outputs = await predictorOf(model).infer(request);
      record(0);
      metrics.add("ChallengerAnswers", rowCount, "Count");
      return { request, digest, outputs };
    } catch (error) {
      if (!(error instanceof ModelRunError || error instanceof ModelArtifactError)) throw error;
      const { failedCount } = error.details;
      record(typeof failedCount === "number" ? failedCount : rowCount, error);
      return undefined;
    }

    function record(failed: number, error?: Error): void {
      const durationMs = nowMs() - startedMs;
      // Before the champion was timed here, nothing is slow beside it.
      const rowMs = championMs.get(champion) ?? durationMs / rowCount;
      if (failed > 0) metrics.add("ChallengerErrors", failed, "Count");
      const reason = breaker.record(digest, {
        ...{ rows: rowCount, failed, durationMs },
        championMs: rowMs * rowCount,
      });
      if (reason === undefined) return;
      metrics.add("ChallengerStopped", 1, "Count");
      logger.warn("the challenger was stopped here for a while; the champion answers", {
        ...{ digest, reason, rows: rowCount, failed, durationMs, error },
      });
    }
  }

  function parse(body: string, { program, session }: LoadedModel): TensorRequest {
    return parseInferRequest(body, program.encoder.layout, session.outputs);
  }

  function predictorOf(model: LoadedModel): TensorPredictor {
    const known = predictors.get(model) ?? createTensorPredictor(model);
    predictors.set(model, known);
    return known;
  }
}

/** Whether a request that was read for one version says the same to another, and can be answered in the same words. */
function haveSameTensors(one: LoadedModel, other: LoadedModel): boolean {
  const [ours, theirs] = [one, other].map(({ program, session }) =>
    JSON.stringify([
      program.encoder.layout.inputs.map(({ name, type, rowShape }) => [name, type, rowShape]),
      session.outputs.map(({ name, type, shape }) => [name, type, shape]),
    ]),
  );
  return ours === theirs;
}
