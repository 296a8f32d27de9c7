import type { Posted } from "../https/post-json.ts";

/** An API that can be asked. */
export interface Api {
  /** For messages. */
  readonly url: string;
  /** Send JSON to a path such as `/models/m/predict`. */
  post(path: string, body: string): Promise<Posted>;
}

/** What came back: one JSON value per event, a prediction or an error. */
export interface Predicted {
  readonly predictions: readonly Readonly<Record<string, unknown>>[];
  /** How many of them are errors. */
  readonly errorCount: number;
}

/**
 * Predict on the events of a file's text: one event, or a list of them.
 *
 * @throws {Error} when the text is neither, or the API refuses the request; the message says why.
 */
export async function predictEvents(api: Api, model: string, text: string): Promise<Predicted> {
  const { status, text: answer } = await api.post(`/models/${model}/predict`, `{"events":${listOf(text)}}`);
  if (status !== 200)
    throw new Error(`POST ${api.url}/models/${model}/predict: got ${status}: ${messageOf(answer)}`);
  const { predictions } = JSON.parse(answer) as Predicted;
  return { predictions, errorCount: predictions.filter((each) => "error" in each).length };
}

/** The text itself is sent on, so that its numbers arrive as they were written. */
function listOf(text: string): string {
  try {
    return Array.isArray(JSON.parse(text)) ? text : `[${text}]`;
  } catch (cause) {
    throw new Error("events: got text that is not JSON, expected one event or a list of them", { cause });
  }
}

/** Errors of the functions carry an object, those of the gateway a text. */
function messageOf(answer: string): string {
  try {
    const { error } = JSON.parse(answer) as {
      error?: string | { message?: string; code?: string; requestId?: string };
    };
    if (typeof error === "string") return error;
    const { message, code, requestId } = error ?? {};
    return [code, message, requestId && `(request ${requestId})`].filter(Boolean).join(" ") || answer;
  } catch {
    return answer.slice(0, 200);
  }
}
