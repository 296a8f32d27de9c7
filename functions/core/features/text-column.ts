import type { EventFeature } from "../../contract/feature.ts";
import { describeField, FieldKind, type Fields } from "../decode/fields.ts";
import type { Problem } from "./column.ts";
import type { InputLayout } from "./row-layout.ts";

/** One feature of an input of text, compiled. */
export interface TextColumn {
  /** Write the feature; false where the event does not allow it, and `explain` then says why. */
  write(fields: Fields, target: string[], index: number): boolean;
  explain(fields: Fields): Problem;
}

/** What an input of text holds, for messages. */
export const textHolds = "a string";

/** Keys of a feature that mean nothing where its input is text; one message each. */
export function textProblems(name: string, feature: EventFeature, input: InputLayout): string[] {
  if (input.type !== "string") return [];
  const keys = (["as", "default", "min", "max", "shape"] as const).filter(
    (key) => feature[key] !== undefined,
  );
  if (keys.length === 0) return [];
  return [
    `feature "${name}": input "${input.name}" takes the text at "${feature.from}" as it stands; remove ${keys.map((key) => `"${key}"`).join(", ")}`,
  ];
}

/** Compile a feature that has no `textProblems`: the field's own text, unchanged. */
export function textColumn({
  name,
  feature,
  field,
}: {
  readonly name: string;
  readonly feature: EventFeature;
  /** Position of its field. */
  readonly field: number;
}): TextColumn {
  return {
    write(fields, target, index) {
      if (fields.kinds[field] !== FieldKind.string) return false;
      target[index] = fields.strings[field]!;
      return true;
    },
    explain: (fields) => ({
      code: fields.kinds[field]! <= FieldKind.null ? "input.missing" : "input.type",
      message: `feature "${name}": got ${describeField(fields, field)} at "${feature.from}", expected ${textHolds}; fix the producer`,
    }),
  };
}
