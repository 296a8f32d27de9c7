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
    if (sizeBytes > maxBytes) {
      throw new AwsError(
        "RequestEntityTooLarge",
        `got a body of over ${maxBytes} bytes, the most taken here`,
        413,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A stand-in for a request whose body has been read, with the same line, headers and socket. */
export function replayRequest(request: IncomingMessage, body: Buffer): Readable {
  const { headers, method, url, socket } = request;
  return Object.assign(Readable.from(body.length === 0 ? [] : [body]), { headers, method, url, socket });
}
