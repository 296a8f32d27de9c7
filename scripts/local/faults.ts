import type { ServiceCall } from "./service-call.ts";

/** What a test makes a dependency do instead of answering. */
export type Fault =
  | {
      readonly kind: "respond";
      readonly statusCode: number;
      readonly contentType: string;
      readonly body: string;
    }
  /** Take the request and never answer, until the caller gives up or the cloud stops. */
  | { readonly kind: "hang" }
  /** Close the connection in the caller's face. */
  | { readonly kind: "reset" };

/** Asked before each request; undefined lets it through. It may wait, which makes a slow dependency. */
export type FaultHook = (call: ServiceCall) => Fault | undefined | Promise<Fault | undefined>;

/** The one place where failing dependencies are simulated: every request of every service passes it. */
export interface Faults {
  /** Replace the hook. */
  set(hook: FaultHook): void;
  clear(): void;
  decide(call: ServiceCall): Promise<Fault | undefined>;
}

export function createFaults(): Faults {
  let hook: FaultHook | undefined;
  return {
    set: (next) => {
      hook = next;
    },
    clear: () => {
      hook = undefined;
    },
    decide: async (call) => hook?.(call),
  };
}

/** DynamoDB or Kinesis refusing for want of throughput. */
export function throttled(): Fault {
  return jsonFault(
    400,
    "ProvisionedThroughputExceededException",
    "the level of throughput was exceeded (simulated)",
  );
}

/** Any JSON-protocol error, e.g. `jsonFault(500, "InternalServerError", "…")`. */
export function jsonFault(statusCode: number, code: string, message: string): Fault {
  const body = JSON.stringify({ __type: code, message });
  return { kind: "respond", statusCode, contentType: "application/x-amz-json-1.0", body };
}

/** S3 asking for a lower request rate: 503 `SlowDown`. */
export function slowDown(): Fault {
  const body =
    "<Error><Code>SlowDown</Code><Message>please reduce your request rate (simulated)</Message></Error>";
  return { kind: "respond", statusCode: 503, contentType: "application/xml", body };
}
