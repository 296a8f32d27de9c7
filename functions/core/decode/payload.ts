import { gunzipSync } from "node:zlib";
import { InputError } from "../errors.ts";

/** Turns a record's base64 data into an event's bytes, reusing one buffer. */
export interface PayloadDecoder {
  /**
   * @param base64 - the data of one record: plain or gzip JSON, told apart by gzip's magic bytes.
   * @returns the event's bytes, valid until the next call.
   * @throws {InputError} `input.too_large` above the limit, before or after decompression; `input.malformed` for
   *   damaged gzip.
   */
  decode(base64: string): Buffer;
  /** The same for an event that was taken out of an aggregated record. */
  open(bytes: Buffer): Buffer;
}

/** @param maxBytes - greatest size of one event, after decompression. */
export function createPayloadDecoder(maxBytes: number): PayloadDecoder {
  // One byte more than is allowed, so that an oversized event is seen as such rather than cut.
  const scratch = Buffer.allocUnsafe(maxBytes + 3);
  return {
    decode(base64) {
      if (Math.floor(base64.length / 4) * 3 - 2 > maxBytes)
        throw tooLarge(maxBytes, `about ${sizeOfBase64(base64)} bytes`);
      return open(scratch.subarray(0, scratch.write(base64, 0, "base64")));
    },
    open,
  };

  function open(bytes: Buffer): Buffer {
    if (bytes.length > maxBytes) throw tooLarge(maxBytes, `${bytes.length} bytes`);
    return isGzip(bytes) ? gunzip(bytes, maxBytes) : bytes;
  }
}

function isGzip(bytes: Buffer): boolean {
  return bytes.length > 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function gunzip(bytes: Buffer, maxBytes: number): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE")
      throw tooLarge(maxBytes, `more than ${maxBytes} bytes after decompression`);
    throw new InputError(
      "event: got gzip data that cannot be decompressed, expected a whole gzip member; check the producer",
      {
        code: "input.malformed",
        cause,
      },
    );
  }
}

function tooLarge(maxBytes: number, got: string): InputError {
  return new InputError(
    `event: got ${got}, expected at most ${maxBytes}; make the event smaller or raise limits.eventBytes`,
    { code: "input.too_large", details: { maxBytes } },
  );
}

function sizeOfBase64(base64: string): number {
  return Math.floor((base64.length * 3) / 4);
}
