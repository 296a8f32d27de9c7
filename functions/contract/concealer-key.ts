/** Bytes of a model's key: what HMAC-SHA256 gains nothing beyond. */
export const concealerKeyBytes = 32;

/** S3 key, in the models bucket, of the key that a model's private values are concealed with. */
export function concealerKeyName(model: string): string {
  return `keys/${model}`;
}
