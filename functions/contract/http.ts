import * as z from "zod/mini";

/** Bounds on one HTTP request; what exceeds them is refused before it is parsed or run. */
export const httpLimits = {
  /** Lambda's bound on an invocation's payload, and on its answer. @see AWS Lambda quotas: 6 MB, synchronous */
  bodyBytes: 6 * 2 ** 20,
  /** Rows of one infer request, and events of one predict request. */
  rows: 10_000,
  /** Outcomes of one request: as many records as one shard takes in a second, while the caller waits. */
  outcomes: 1_000,
  /** One outcome as the event it becomes: well below what a stream takes, whatever the package allows its events. */
  outcomeBytes: 256 * 1024,
  /** Dimensions of a tensor. */
  rank: 8,
  /** Characters of the name of an input, an output or a parameter, and of a request's id. */
  nameLength: 256,
  /** Tensors named in one request, and parameters of one object. */
  names: 256,
} as const;

/** Why a request, or one event of it, has no answer. */
export const httpError = z.object({
  code: z.string(),
  message: z.string(),
  details: z.optional(z.record(z.string(), z.unknown())),
});

/**
 * Body of a refused or failed `POST /models/{name}/predict`.
 *
 * `code`, `message` and `details` say what was wrong with the request; where it is no fault of the request there is
 * only a message and the id under which the logs tell more.
 */
export const predictErrorBody = z.object({
  error: z.object({
    code: z.optional(z.string()),
    message: z.string(),
    details: z.optional(z.record(z.string(), z.unknown())),
    requestId: z.string(),
  }),
});

/** Body of an accepted `POST /models/{name}/outcomes`: all of them are on the stream. */
export const outcomesAccepted = z.object({ accepted: z.int() });

export type HttpError = z.infer<typeof httpError>;
export type PredictErrorBody = z.infer<typeof predictErrorBody>;
