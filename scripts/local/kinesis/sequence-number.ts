/** What a sequence number says, in the order of its significance. */
export interface SequenceNumberParts {
  /** Epoch seconds at which the shard opened; a child's is always above its parents'. */
  readonly shardCreatedSeconds: number;
  readonly shardIndex: number;
  /** 0 for the shard's own starting number, then 1 for its first record, and so on. */
  readonly counter: bigint;
  /** Epoch seconds of the record's arrival. */
  readonly seconds: number;
}

/** Counter of the number that ends a closed shard; above that of any record. */
export const endingCounter = (1n << 63n) - 1n;

/**
 * Write a sequence number: 56 decimal digits, so that comparing strings compares numbers.
 *
 * Numbers rise strictly within a shard, and from a shard to its children. The layout follows the one that AWS's
 * numbers show (188 bits, version 2): version, the shard's creation, low digit of its index, counter, time, index.
 *
 * @see https://github.com/mhart/kinesalite/blob/master/db/index.js `stringifySequence`
 */
export function formatSequenceNumber(parts: SequenceNumberParts): string {
  return numberFrom(sequenceNumberBase(parts), parts.counter, parts.seconds);
}

/** A shard's sequence numbers, with what is constant for the shard reckoned once. */
export function sequenceNumbersOf(shard: {
  readonly shardCreatedSeconds: number;
  readonly shardIndex: number;
}): (counter: number, seconds: number) => string {
  const base = sequenceNumberBase(shard);
  return (counter, seconds) => numberFrom(base, BigInt(counter), seconds);
}

/** @returns `undefined` when the text is no sequence number of this layout. */
export function safeParseSequenceNumber(text: string): SequenceNumberParts | undefined {
  if (!/^[1-9]\d{55}$/.test(text)) return undefined;
  const value = BigInt(text);
  const field = (offset: bigint, bits: bigint) => (value >> offset) & ((1n << bits) - 1n);
  const parts = {
    shardCreatedSeconds: Number(field(createdOffset, 36n)),
    shardIndex: Number(field(indexOffset, 32n)),
    counter: field(counterOffset, 64n),
    seconds: Number(field(secondsOffset, 36n)),
  };
  return formatSequenceNumber(parts) === text ? parts : undefined;
}

const version = 2n;
const indexOffset = 4n;
const secondsOffset = 36n;
const counterOffset = 80n;
const indexDigitOffset = 144n;
const createdOffset = 148n;
const versionOffset = 184n;

function sequenceNumberBase(shard: { shardCreatedSeconds: number; shardIndex: number }): bigint {
  return (
    (version << versionOffset) |
    (BigInt(shard.shardCreatedSeconds) << createdOffset) |
    (BigInt(shard.shardIndex & 0xf) << indexDigitOffset) |
    (BigInt(shard.shardIndex) << indexOffset) |
    version
  );
}

function numberFrom(base: bigint, counter: bigint, seconds: number): string {
  return (base | (counter << counterOffset) | (BigInt(seconds) << secondsOffset)).toString();
}
