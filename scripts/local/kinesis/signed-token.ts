import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from "node:crypto";

/** Seals what a caller must hand back unchanged (shard iterators, next tokens) and opens it again. */
export interface TokenSealer {
  seal(kind: string, fields: readonly (string | number)[]): string;
  /** @returns `undefined` for anything but a token that this sealer made for this kind. */
  open(kind: string, token: string): readonly (string | number)[] | undefined;
}

/** Make a sealer with a key of its own: tokens of another process, or changed ones, do not open. */
export function createTokenSealer(): TokenSealer {
  // A key object: Node takes several times as long with bytes.
  const key = createSecretKey(randomBytes(32));
  const sign = (kind: string, payload: Buffer) =>
    createHmac("sha256", key).update(kind).update("\0").update(payload).digest().subarray(0, signatureBytes);
  return {
    seal(kind, fields) {
      const payload = Buffer.from(JSON.stringify(fields));
      return Buffer.concat([sign(kind, payload), payload]).toString("base64");
    },
    open(kind, token) {
      const bytes = Buffer.from(token, "base64");
      if (bytes.length < signatureBytes || bytes.toString("base64") !== token) return undefined;
      const payload = bytes.subarray(signatureBytes);
      if (!timingSafeEqual(bytes.subarray(0, signatureBytes), sign(kind, payload))) return undefined;
      return JSON.parse(payload.toString());
    },
  };
}

const signatureBytes = 16;
