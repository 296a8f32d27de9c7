import type { ModelDigest } from "../../contract/ids.ts";
import { type ModelMetadata, oipPlatform } from "../../contract/oip.ts";
import type { LoadedModel } from "../inference/loaded-model.ts";
import { elementJson } from "./element-json.ts";

/**
 * What the protocol tells of a model.
 *
 * Inputs have the shape of the package's rows, which may be closer than what the model itself declares.
 *
 * @param versions - published digests, the newest first.
 */
export function metadataOf(model: LoadedModel, versions: readonly ModelDigest[]): ModelMetadata {
  return {
    name: model.package.name,
    versions: [...versions],
    platform: oipPlatform,
    inputs: model.program.encoder.layout.inputs.map(({ name, type, rowShape }) => ({
      name,
      datatype: elementJson[type].datatype,
      shape: [-1, ...rowShape],
    })),
    outputs: model.session.outputs.map(({ name, type, shape }) => ({
      name,
      datatype: elementJson[type].datatype,
      // The model may give its batch axis a size of its own, but rows come out as they go in.
      shape: shape.map((size, axis) => (axis === 0 ? -1 : (size ?? -1))),
    })),
  };
}
