import * as z from "zod/mini";
import { httpLimits } from "./http.ts";

/**
 * The Open Inference Protocol, version 2, as JSON over REST.
 *
 * Keys that the protocol does not know are ignored, as its extensions need.
 *
 * @see Open Inference Protocol, `specification/protocol/inference_rest.md`
 */

/** Element types by the protocol's names, those that JSON can carry. */
export const oipDatatype = z.enum([
  "BOOL",
  "UINT8",
  "UINT16",
  "UINT32",
  "UINT64",
  "INT8",
  "INT16",
  "INT32",
  "INT64",
  "FP32",
  "FP64",
  "BYTES",
]);

/** What the protocol calls the platform of an ONNX model. */
export const oipPlatform = "onnx_onnxv1";

const name = z.string().check(z.minLength(1), z.maxLength(httpLimits.nameLength));
const parameters = z.optional(
  z.record(name, z.union([z.string(), z.number(), z.boolean(), z.bigint()])).check(
    z.refine((all) => Object.keys(all).length <= httpLimits.names, {
      message: `must be at most ${httpLimits.names} parameters`,
    }),
  ),
);
const shape = z
  .array(z.int().check(z.minimum(0)))
  .check(z.maxLength(httpLimits.rank, `must have at most ${httpLimits.rank} dimensions`));

/** A request to infer; the elements themselves are read by the model's own types. */
export const inferRequest = z.object({
  id: z.optional(z.string().check(z.maxLength(httpLimits.nameLength))),
  parameters,
  inputs: z
    .array(z.object({ name, shape, datatype: oipDatatype, parameters, data: z.unknown() }))
    .check(z.minLength(1), z.maxLength(httpLimits.names)),
  outputs: z.optional(z.array(z.object({ name, parameters })).check(z.maxLength(httpLimits.names))),
});

/** Metadata of a tensor: -1 stands for a dimension of any size. */
const tensorMetadata = z.object({
  name: z.string(),
  datatype: oipDatatype,
  shape: z.array(z.int().check(z.minimum(-1))),
});

export const modelMetadata = z.object({
  name: z.string(),
  /** Digests of the published versions, the newest first. */
  versions: z.optional(z.array(z.string())),
  platform: z.string(),
  inputs: z.array(tensorMetadata),
  outputs: z.array(tensorMetadata),
});

const element = z.nullable(z.union([z.number(), z.string(), z.boolean()]));

export const inferResponse = z.object({
  model_name: z.string(),
  /** The digest of the version that answered. */
  model_version: z.string(),
  /** The request's id, or the one it got at the door. */
  id: z.string(),
  outputs: z.array(
    z.object({
      name: z.string(),
      shape: z.array(z.int().check(z.minimum(0))),
      datatype: oipDatatype,
      /** Flat, row-major; null stands for a number that is not finite. */
      data: z.array(element),
    }),
  ),
});

export const modelReady = z.object({ name: z.string(), ready: z.boolean() });
export const serverLive = z.object({ live: z.boolean() });
export const serverReady = z.object({ live: z.boolean(), ready: z.boolean() });
export const serverMetadata = z.object({
  name: z.string(),
  version: z.string(),
  extensions: z.array(z.string()),
});

/** An error: the protocol's message, and beside it what tells more. */
export const oipError = z.object({
  error: z.string(),
  code: z.optional(z.string()),
  details: z.optional(z.record(z.string(), z.unknown())),
  requestId: z.string(),
});

export type OipDatatype = z.infer<typeof oipDatatype>;
export type InferRequest = z.infer<typeof inferRequest>;
export type ModelMetadata = z.infer<typeof modelMetadata>;
export type OipError = z.infer<typeof oipError>;
