import { hash } from "node:crypto";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { InputError } from "../errors.ts";

/** One event of an aggregated record. */
export interface SubRecord {
  readonly partitionKey: string;
  /** A view into the aggregated record. */
  readonly data: Buffer;
}

/** The first four bytes of an aggregated record, F3 89 9A C2, as the base64 of any such record begins. */
const base64Magic = "84maw";
const magicBytes = 4;
const md5Bytes = 16;

/**
 * Take an aggregated record apart: magic, protobuf, MD5 of the protobuf.
 *
 * @param base64 - the data of one Kinesis record.
 * @returns its events in order; undefined where it is a plain record: another magic, or an MD5 that does not fit.
 * @throws {InputError} `input.malformed` when the MD5 fits and the protobuf does not: a producer's fault, not chance.
 * @see awslabs/amazon-kinesis-producer, aggregation-format.md
 */
export function disaggregate(base64: string): SubRecord[] | undefined {
  if (!base64.startsWith(base64Magic)) return undefined;
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length < magicBytes + md5Bytes || bytes[3] !== 0xc2) return undefined;
  const message = bytes.subarray(magicBytes, -md5Bytes);
  if (!hash("md5", message, "buffer").equals(bytes.subarray(-md5Bytes))) return undefined;
  try {
    return readMessage(message);
  } catch (cause) {
    throw new InputError(
      "aggregated record: got a protobuf that cannot be read, expected the KPL's AggregatedRecord; check the producer's aggregation library",
      { code: "input.malformed", cause },
    );
  }
}

/** `AggregatedRecord { repeated string partition_key_table = 1; …; repeated Record records = 3; }` */
function readMessage(message: Buffer): SubRecord[] {
  const reader = new BinaryReader(message);
  const keys: string[] = [];
  const records: { keyIndex: number; data: Uint8Array }[] = [];
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 1 && type === WireType.LengthDelimited) keys.push(reader.string());
    else if (field === 3 && type === WireType.LengthDelimited) records.push(readRecord(reader));
    else reader.skip(type, field);
  }
  return records.map(({ keyIndex, data }) => {
    const partitionKey = keys[keyIndex];
    if (partitionKey === undefined) throw new RangeError(`partition key ${keyIndex} of ${keys.length}`);
    return { partitionKey, data: Buffer.from(data.buffer, data.byteOffset, data.byteLength) };
  });
}

/** `Record { required uint64 partition_key_index = 1; optional uint64 explicit_hash_key_index = 2; required bytes data = 3; … }` */
function readRecord(reader: BinaryReader): { keyIndex: number; data: Uint8Array } {
  const end = reader.uint32() + reader.pos;
  let keyIndex: number | undefined;
  let data: Uint8Array | undefined;
  while (reader.pos < end) {
    const [field, type] = reader.tag();
    if (field === 1 && type === WireType.Varint) keyIndex = Number(reader.uint64());
    else if (field === 3 && type === WireType.LengthDelimited) data = reader.bytes();
    else reader.skip(type, field);
  }
  if (keyIndex === undefined || data === undefined || reader.pos !== end)
    throw new RangeError("record incomplete");
  return { keyIndex, data };
}
