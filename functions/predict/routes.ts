import type { Context } from "hono";
import { Hono } from "hono/tiny";
import {
  failureOf,
  type HttpFailure,
  oipErrorBody,
  predictErrorBodyOf,
} from "../adapters/http/http-failure.ts";
import { fitsAnswer, type RestEnv } from "../adapters/http/rest-handler.ts";
import { readBody, readText } from "../adapters/http/rest-request.ts";
import { httpLimits } from "../contract/http.ts";
import { InputError, ModelNotFoundError } from "../core/errors.ts";
import type { LoadedModel } from "../core/inference/loaded-model.ts";
import { splitEvents } from "../core/protocol/event-list.ts";
import { metadataOf } from "../core/protocol/model-metadata.ts";
import type { PredictDeps } from "./deps.ts";
import { createEventsPredictor } from "./events-predictor.ts";
import { createOutcomePoster, type OutcomePoster } from "./post-outcomes.ts";
import { createRequestLog } from "./request-log.ts";
import { createTensorAnswers } from "./tensor-answers.ts";

type Call = Context<RestEnv>;

/** One kind of call: what answers it, how its errors look, and whether it asks the model, which is what is timed. */
interface Route {
  readonly work: (call: Call) => Promise<Response>;
  readonly errorBody: (failure: HttpFailure, requestId: string) => object;
  readonly isInference: boolean;
}

/**
 * The calls of one model: the Open Inference Protocol's, with or without a version, whole events, and outcomes.
 *
 * A version is a digest that was published, or an alias; without one the champion answers, or the challenger its share.
 */
export function createRoutes(deps: PredictDeps): Hono<RestEnv> {
  const app = new Hono<RestEnv>();
  const log = createRequestLog(deps);
  const tensors = createTensorAnswers(deps);
  const predictEvents = createEventsPredictor(deps);
  const posters = new WeakMap<LoadedModel, OutcomePoster>();
  let turn: Promise<unknown> = Promise.resolve();

  for (const path of ["/v2/models/:name", "/v2/models/:name/versions/:version"]) {
    app.get(path, route({ work: metadata, errorBody: oipErrorBody, isInference: false }));
    app.get(`${path}/ready`, route({ work: ready, errorBody: oipErrorBody, isInference: false }));
    app.post(`${path}/infer`, route({ work: infer, errorBody: oipErrorBody, isInference: true }));
  }
  const ofEvents = { errorBody: predictErrorBodyOf };
  app.post("/models/:name/predict", route({ ...ofEvents, work: predict, isInference: true }));
  app.post("/models/:name/outcomes", route({ ...ofEvents, work: outcomes, isInference: false }));
  app.notFound((call) => call.json(oipErrorBody(noSuchCall, call.env.requestId), noSuchCall.status));
  return app;

  function route({ work, errorBody, isInference }: Route) {
    return async (call: Call): Promise<Response> => {
      const done = log.start();
      try {
        const response = await work(call);
        done({ isInference });
        return response;
      } catch (error) {
        const failure = failureOf(error);
        done({ isInference, error, failure, requestId: call.env.requestId });
        const { status, retryAfterSeconds } = failure;
        return call.json(
          errorBody(failure, call.env.requestId),
          status,
          retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) },
        );
      }
    };
  }

  async function metadata(call: Call): Promise<Response> {
    const model = await modelOf(call);
    return call.json(metadataOf(model, await deps.versions.published()));
  }

  /** An unknown version is an error; one that cannot serve is not ready. */
  async function ready(call: Call): Promise<Response> {
    const isReady = await modelOf(call).then(
      () => true,
      (error) => {
        if (error instanceof ModelNotFoundError) throw error;
        log.warn(error, call.env.requestId);
        return false;
      },
    );
    return call.json({ name: deps.model, ready: isReady }, isReady ? 200 : 503);
  }

  async function infer(call: Call): Promise<Response> {
    const body = readText(call.env.event);
    checkName(call);
    const version = call.req.param("version");
    const { request, digest, outputs } =
      version === undefined
        ? await deps.roles.read().then((roles) => inTurn(() => tensors.byRoles(body, roles)))
        : await modelOf(call).then((model) => inTurn(() => tensors.byVersion(body, model)));
    deps.metrics.add("Predictions", request.rowCount, "Count");
    const id = JSON.stringify(request.id ?? call.env.requestId);
    return jsonText(
      call,
      `{"model_name":${JSON.stringify(deps.model)},"model_version":"${digest}","id":${id},"outputs":${outputs}}`,
    );
  }

  async function predict(call: Call): Promise<Response> {
    const events = splitEvents(readBody(call.env.event));
    checkName(call);
    const roles = await deps.roles.read();
    const answers = await inTurn(() => predictEvents(events, { roles, requestId: call.env.requestId }));
    return jsonText(call, `{"predictions":[${answers.join(",")}]}`);
  }

  async function outcomes(call: Call): Promise<Response> {
    const accepted = await posterOf(await modelOf(call))(readText(call.env.event));
    return call.json({ accepted }, 202);
  }

  /** The version that a call names, or the champion. */
  async function modelOf(call: Call): Promise<LoadedModel> {
    checkName(call);
    const version = call.req.param("version");
    if (version === undefined) return (await deps.roles.read()).champion;
    return await deps.loader.load(await deps.versions.resolve(version));
  }

  function checkName(call: Call): void {
    if (call.req.param("name") !== deps.model) {
      throw new ModelNotFoundError(`model: got another name, expected ${deps.model}; correct the path`, {
        code: "model.unknown",
      });
    }
  }

  function posterOf(model: LoadedModel): OutcomePoster {
    const poster = posters.get(model) ?? createOutcomePoster(model.package, deps.events);
    posters.set(model, poster);
    return poster;
  }

  /**
   * Calls share a model's buffers, so they use it one after the other; Lambda sends one at a time anyway. A row that
   * an earlier call is about to run is thus never run beside it: this one finds the answer in the cache.
   */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  }
}

const noSuchCall = {
  status: 404,
  message: "no such call; see the OpenAPI document for those there are",
} as const;

/** JSON that has been written already; the outputs of thousands of rows are not parsed to be serialised again. */
function jsonText(call: Call, body: string): Response {
  if (!fitsAnswer(body)) {
    throw new InputError(
      `answer: got ${body.length} characters, expected an answer within ${httpLimits.bodyBytes} bytes; send fewer rows, or ask for fewer outputs`,
      { code: "input.too_large", details: { maxBytes: httpLimits.bodyBytes } },
    );
  }
  return call.body(body, 200, { "content-type": "application/json" });
}
