import type { ModelDigest } from "../../contract/ids.ts";
import { type LedgerEntry, role } from "../../contract/ledger.ts";
import { InputError, ModelNotFoundError } from "../errors.ts";

/** Fewer digits of a digest than this name no version: too easily meant for another. */
export const minDigestDigits = 6;

/** Every published digest, the newest publish first, each once. @param history - newest first. */
export function publishedDigests(history: readonly LedgerEntry[]): readonly ModelDigest[] {
  return [...new Set(history.flatMap(({ change }) => (change.kind === "publish" ? [change.digest] : [])))];
}

/**
 * The version that a text names: an alias, a digest, or the first six or more digits of one that no other begins with.
 *
 * @param history - a model's entries, newest first, at least one.
 * @throws {ModelNotFoundError} `model.alias` when the alias names nothing, `model.version` when no published digest
 *   begins so.
 * @throws {InputError} `input.range` when several do, or the text can name none.
 */
export function versionOf(history: readonly LedgerEntry[], text: string): ModelDigest {
  const { model, aliases } = history[0]!;
  const alias = role.options.find((each) => each === text);
  if (alias !== undefined) {
    const digest = aliases[alias]?.digest;
    if (digest !== undefined) return digest;
    throw new ModelNotFoundError(
      `model "${model}": got "${alias}", which names no version now; name a version by the first digits of its digest`,
      { code: "model.alias", details: { model, alias } },
    );
  }
  const published = publishedDigests(history);
  if (!isDigits(text)) {
    throw new InputError(
      `model "${model}", version: got "${text}", expected champion, challenger, shadow, or a digest's first ${minDigestDigits} to 64 hex digits`,
      { code: "input.range", details: { model } },
    );
  }
  const found = published.filter((digest) => digest.startsWith(text));
  if (found.length === 1) return found[0]!;
  if (found.length === 0) {
    throw new ModelNotFoundError(
      `model "${model}": got ${text}, which no published version begins with; published: ${listed(published)}`,
      { code: "model.version", details: { model, version: text } },
    );
  }
  throw new InputError(
    `model "${model}": got ${text}, which ${found.length} versions begin with; give more digits of one of ${found.join(", ")}`,
    { code: "input.range", details: { model, version: text } },
  );
}

function isDigits(text: string): boolean {
  return text.length >= minDigestDigits && /^[0-9a-f]{1,64}$/.test(text);
}

/** More than these nobody reads. */
const maxListed = 5;

function listed(digests: readonly ModelDigest[]): string {
  const shown = digests.slice(0, maxListed).map((digest) => digest.slice(0, 12));
  return `${shown.join(", ") || "none"}${digests.length > maxListed ? ", …" : ""}`;
}
