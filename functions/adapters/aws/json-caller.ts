import { toWire } from "./attribute-wire.ts";
import type { AwsAccess } from "./aws-access.ts";
import type { HttpAnswer, HttpSender } from "./http-sender.ts";
import { createPlaceFinder, type PlacedService } from "./service-place.ts";

/** A service of AWS that is asked by JSON in a signed POST. */
export interface JsonService extends PlacedService {
  /** Before the operation in `x-amz-target`. */
  readonly targetPrefix: string;
  /** Of AWS' JSON protocol. */
  readonly jsonVersion: "1.0" | "1.1";
  /** The error that an answer other than 200 stands for. */
  readonly errorOf: (answer: HttpAnswer) => Error;
}

export interface JsonCallerOptions {
  readonly access: AwsAccess;
  readonly sender: HttpSender;
  /** Epoch milliseconds. @default Date.now */
  readonly now?: () => number;
}

export interface CallOptions {
  readonly abortSignal?: AbortSignal | undefined;
}

/** @returns the answer as it was parsed: bytes in it are base64 still. */
export type JsonCaller = <Output>(operation: string, input: object, options?: CallOptions) => Promise<Output>;

/** A clock further from the service's than this is corrected: its bound is 5 minutes. */
const maxSkewMs = 4 * 60_000;

/** Make the calls of one service. A call throws what `errorOf` makes of an answer, and what the sender throws where there is none. */
export function createJsonCaller(
  service: JsonService,
  { access, sender, now = Date.now }: JsonCallerOptions,
): JsonCaller {
  const findPlace = createPlaceFinder(service, access);
  let skewMs = 0;

  return async <Output>(operation: string, input: object, options: CallOptions = {}): Promise<Output> => {
    const { protocol, hostname, port, path, host, sign } = await findPlace();
    const credentials = await access.credentials();
    const body = toWire(input);
    const headers = sign(
      {
        path,
        headers: {
          "content-type": `application/x-amz-json-${service.jsonVersion}`,
          host,
          "x-amz-target": `${service.targetPrefix}.${operation}`,
        },
        body,
        timeMs: now() + skewMs,
      },
      credentials,
    );
    const answer = await sender.post({
      ...{ protocol, hostname, port, path, body },
      headers: { ...headers, "content-length": String(Buffer.byteLength(body)) },
      signal: options.abortSignal,
    });
    if (answer.status === 200) return JSON.parse(answer.text) as Output;
    learnTime(answer.headers.date);
    throw service.errorOf(answer);
  };

  /** A service refuses what is signed by a clock that is far from its own; the next request is signed by its. */
  function learnTime(date: string | undefined): void {
    const timeMs = Date.parse(date ?? "");
    if (Math.abs(timeMs - now() - skewMs) > maxSkewMs) skewMs = timeMs - now();
  }
}
