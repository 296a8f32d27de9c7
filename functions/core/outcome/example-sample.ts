import { hash } from "node:crypto";

/** Bits of the hash that decide: as many as a double holds exactly, and then some to spare. */
const bytes = 6;

/** Whether a prediction is among the given share: the same every time, and the more the greater the share. */
export function isSampled(predictionId: string, share: number): boolean {
  if (share >= 1) return true;
  return hash("sha256", predictionId, "buffer").readUIntBE(0, bytes) / 2 ** (8 * bytes) < share;
}
