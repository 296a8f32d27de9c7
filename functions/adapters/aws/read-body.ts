import type { Readable } from "node:stream";
import { DependencyError } from "../../core/errors.ts";
import { damaged } from "../../core/inference/package-digest.ts";

/**
 * Read an S3 object's body into one buffer, allocated once.
 *
 * @param object - a GetObject answer; `ContentLength` is what S3 says the size is.
 * @throws {ModelArtifactError} `model.digest` when the object is larger than `maxBytes`; nothing of it is read.
 * @throws {DependencyError} `dependency.unavailable` when the body ends early.
 */
export async function readBody(
  object: { readonly Body?: unknown; readonly ContentLength?: number },
  options: { readonly key: string; readonly maxBytes: number },
): Promise<Uint8Array> {
  const body = object.Body as Readable;
  const sizeBytes = object.ContentLength ?? 0;
  if (sizeBytes > options.maxBytes) {
    body.destroy();
    throw damaged(`${options.key}: got ${sizeBytes} bytes, allowed ${options.maxBytes}`, options);
  }
  const bytes = new Uint8Array(sizeBytes);
  let offset = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  if (offset !== sizeBytes) {
    throw new DependencyError(`${options.key}: got ${offset} bytes, expected ${sizeBytes}; read it again`, {
      code: "dependency.unavailable",
      details: { ...options, sizeBytes, offset },
    });
  }
  return bytes;
}
