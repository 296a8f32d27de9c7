import type { ModelPackage } from "../../functions/contract/model-package.ts";
import { type LabelRule, labelKind } from "../../functions/contract/outcome.ts";
import { idSchema, instant } from "./event-schema.ts";
import type { JsonSchema } from "./json-schema.ts";

/** An outcome that can be posted for a model: the truth itself. @returns undefined where the package declares no outcome */
export function outcomeSchema({ outcome }: ModelPackage): JsonSchema | undefined {
  if (outcome === undefined) return undefined;
  return {
    type: "object",
    properties: {
      id: { description: "Of the event that was predicted on.", ...idSchema },
      label: labelSchema(outcome.label),
      time: {
        ...instant,
        description: `When it was known: ${instant.description} Its arrival where there is none.`,
        type: ["string", "number", "null"],
      },
    },
    required: ["id", "label"],
    additionalProperties: false,
  };
}

function labelSchema(rule: LabelRule): JsonSchema {
  switch (labelKind(rule)) {
    case "binary":
      return { description: "Whether it came about.", enum: [true, false, 1, 0] };
    case "classes":
      return { description: "The class that it was.", enum: rule.classes };
    case "number":
      return { description: "The number that it was.", type: "number" };
  }
}
