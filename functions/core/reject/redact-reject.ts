import type { Reject } from "../../contract/reject.ts";
import { hideValues } from "../private/private-values.ts";
import type { Redactor } from "../private/redactor.ts";

/** Codes of what was found before any value was read, so that their messages quote none. */
const unreadCodes: readonly string[] = ["input.malformed", "input.too_large"];

/**
 * Take private values out of a reject: out of its data, its partition key and its message.
 *
 * Of an event that cannot be parsed nothing is left but its length, its hash and the reason.
 *
 * @param whole - with the original bytes as `data`.
 * @returns the same reject where nothing is private.
 */
export function redactReject(whole: Reject & { readonly data: string }, redactor: Redactor): Reject {
  if (redactor.paths.length === 0) return whole;
  const { data: base64, ...reject } = whole;
  const { partitionKey, data, withheld, removed, values } = redactor.redact({
    partitionKey: whole.partitionKey,
    data: Buffer.from(base64, "base64"),
  });
  if (withheld !== undefined) {
    return {
      ...reject,
      partitionKey,
      message: unreadCodes.includes(reject.code) ? reject.message : withheld.reason,
      dataLengthBytes: withheld.lengthBytes,
      dataSha256: withheld.sha256,
    };
  }
  return {
    ...reject,
    partitionKey,
    message: hideValues(reject.message, values),
    data: data!.toString("base64"),
    ...(removed.length > 0 ? { removed: [...removed] } : {}),
  };
}
