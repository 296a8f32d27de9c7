import type { IncomingMessage } from "node:http";
import { AwsError } from "./aws-error.ts";

/**
 * Read a whole request body.
 *
 * @throws {AwsError} `RequestEntityTooLarge` (413) beyond `maxBytes`.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  // By events, because an async iterator is a tangible part of what a small request costs.
  return new Promise((resolve, reject) => {
    // The caller broke off before this was called: there will be no event any more.
    if (request.errored !== null) return reject(request.errored);
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    request.on("data", (chunk: Buffer) => {
      sizeBytes += chunk.length;
      // The rest is read and dropped: many a client takes no answer before it has sent everything.
      if (sizeBytes <= maxBytes) chunks.push(chunk);
    });
    // A caller that breaks off makes an error too.
    request.once("error", reject);
    request.once("end", () => {
      if (sizeBytes <= maxBytes) return resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
      const message = `got a body of ${sizeBytes} bytes, allowed are ${maxBytes}`;
      reject(new AwsError("RequestEntityTooLarge", message, 413));
    });
  });
}
