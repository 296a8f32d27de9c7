import * as z from "zod/mini";

/** Attach the text that editors show for a field of `model.json`; it ends up in the published JSON Schema. */
export function describe<Schema extends z.ZodMiniType>(description: string, schema: Schema): Schema {
  z.globalRegistry.add(schema, { description });
  return schema;
}
