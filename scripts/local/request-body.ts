import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { AwsError } from "./aws-error.ts";

/**
 * Read a whole request body.
 *
 * @throws {AwsError} `RequestEntityTooLarge` (413) beyond `maxBytes`.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    // The rest is read and dropped: many a client takes no answer before it has sent everything.
    if (sizeBytes <= maxBytes) chunks.push(chunk);
  }
  if (sizeBytes > maxBytes) {
    const message = `got a body of ${sizeBytes} bytes, allowed are ${maxBytes}`;
    throw new AwsError("RequestEntityTooLarge", message, 413);
  }
  return Buffer.concat(chunks);
}

/** A stand-in for a request whose body has been read, with the same line, headers and socket. */
export function replayRequest(request: IncomingMessage, body: Buffer): Readable {
  const { headers, method, url, socket } = request;
  return Object.assign(Readable.from(body.length === 0 ? [] : [body]), { headers, method, url, socket });
}
