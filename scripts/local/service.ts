import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * One AWS service as the embedded cloud serves it.
 *
 * The front (`front.ts`) reads the signing name out of the request's SigV4 credential scope and hands the
 * untouched request to the service of that name, so a service sees exactly what an SDK sent.
 */
export interface LocalService {
  /** SigV4 signing names served, e.g. `["kinesis"]`, `["dynamodb"]`, `["s3"]`. */
  readonly signingNames: readonly string[];
  /** Answer one request. Errors are answered in the service's own wire shape, never thrown. */
  handle(request: IncomingMessage, response: ServerResponse): void | Promise<void>;
  /** Stop timers, child processes and listeners that the service owns. */
  close(): Promise<void>;
}

/** The account and region that every embedded resource belongs to. */
export const localAccount = "000000000000";
export const localRegion = "us-east-1";
