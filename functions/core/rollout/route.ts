import type { ModelDigest } from "../../contract/ids.ts";

/**
 * Whether the challenger answers an entity: the same answer for one entity as long as the share does not shrink.
 *
 * Which entities it gets depends on its digest, so that the next challenger meets others.
 *
 * @param share - from 0 (none) to 1 (all).
 */
export function isChallengersEntity(entity: string, digest: ModelDigest, share: number): boolean {
  return share > 0 && unitHash(entity, digest) < share;
}

/** Whether an event is in the sample that the shadow scores. @param sample - above 0, at most 1 */
export function isShadowed(eventId: string, digest: ModelDigest, sample: number): boolean {
  return sample >= 1 || unitHash(eventId, `shadow ${digest}`) < sample;
}

/** A stable hash of a text, spread evenly over 0 (inclusive) to 1 (exclusive). */
function unitHash(text: string, salt: string): number {
  // FNV-1a, then the finaliser of MurmurHash3: FNV alone leaves the high bits of short texts close together.
  let hash = 0x811c9dc5;
  for (let i = 0; i < salt.length; i++) hash = Math.imul(hash ^ salt.charCodeAt(i), 0x01000193);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
