import { reference } from "../../../contract/reference.ts";
import { ModelArtifactError } from "../../errors.ts";
import { decodeSketch } from "../sketch-codec.ts";
import type { DriftReference } from "./drift-profile.ts";

/** Parse a package's `reference.json`. @throws {ModelArtifactError} `model.package` when this release cannot read it. */
export function parseReference(bytes: Uint8Array): DriftReference {
  try {
    const { sketch, windows } = reference.parse(JSON.parse(new TextDecoder().decode(bytes)));
    const decode = (base64: string) => decodeSketch(Buffer.from(base64, "base64"));
    return { sketch: decode(sketch), windows: windows.map((each) => ({ sketch: decode(each.sketch) })) };
  } catch (cause) {
    throw new ModelArtifactError("reference.json: not valid for this release; publish the package again", {
      code: "model.package",
      cause,
    });
  }
}
