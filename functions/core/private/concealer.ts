import { createHmac, createSecretKey } from "node:crypto";

/** Gives what stands for a private value where one is stored: the same for the same value, and no way back. */
export type Conceal = (text: string) => string;

/** 132 bits: as many as a prediction's id has, so that no two values meet. */
const length = 22;

/**
 * Make a concealer: the first 22 characters of the HMAC-SHA256 of a value's UTF-8 text, in base64url.
 *
 * Keyed, since what is private is often one of few: every telephone number can be hashed and compared in an hour.
 *
 * @param key - 32 random bytes, of one model.
 */
export function createConcealer(key: Uint8Array): Conceal {
  // Node takes several times as long with bytes.
  const secret = createSecretKey(key);
  return (text) => createHmac("sha256", secret).update(text).digest("base64url").slice(0, length);
}
