import { z } from "zod";
import { findStream, type KinesisContext } from "../kinesis-context.ts";
import { parseInput, streamFields } from "../parse-input.ts";

export function startStreamEncryption(context: KinesisContext, input: unknown): undefined {
  const request = parseInput(requestSchema, input);
  findStream(context, request).encryptionKeyId = request.KeyId;
}

export function stopStreamEncryption(context: KinesisContext, input: unknown): undefined {
  findStream(context, parseInput(requestSchema, input)).encryptionKeyId = undefined;
}

const requestSchema = z.object({
  ...streamFields,
  EncryptionType: z.enum(["KMS"]),
  KeyId: z.string().min(1).max(2048),
});
