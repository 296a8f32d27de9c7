import { promisify } from "node:util";
import { gzip } from "node:zlib";

/**
 * Gzip whose header says nothing of the machine or the hour: the same lines give the same bytes.
 *
 * Node writes no time already; only the operating system it ran on.
 */
export async function gzipSame(text: string): Promise<Uint8Array> {
  const bytes = await promisify(gzip)(text);
  bytes[9] = 255; // OS: unknown, RFC 1952 2.3.1
  return bytes;
}
