import { expect } from "vitest";

export interface Statement {
  readonly Action: string | string[];
  readonly Effect: string;
  readonly Resource: unknown;
  readonly Condition?: {
    readonly "ForAllValues:StringLike"?: { readonly "dynamodb:LeadingKeys": string | string[] };
    readonly StringLike?: { readonly "s3:prefix": string | string[] };
  };
}

/** A statement as a line: what, on what, under which condition. */
export function readable({ Action, Effect, Resource, Condition, ...rest }: Statement): string {
  expect({ Effect, rest }).toEqual({ Effect: "Allow", rest: {} });
  const keys =
    Condition?.["ForAllValues:StringLike"]?.["dynamodb:LeadingKeys"] ?? Condition?.StringLike?.["s3:prefix"];
  expect(Object.keys(Condition ?? {}).length).toBe(keys === undefined ? 0 : 1);
  const where = keys === undefined ? "" : ` where ${[keys].flat().join(" ")}`;
  return `${[Action].flat().join(" ")} on ${[Resource].flat().map(readableResource).join(" ")}${where}`;
}

/** A resource by its logical id's first word, with the path below it. */
export function readableResource(resource: unknown): string {
  if (typeof resource === "string") return resource;
  const [[kind, value] = []] = Object.entries(resource as Record<string, unknown>);
  if (kind === "Fn::Join") return (value as [string, unknown[]])[1].map(readableResource).join("");
  const id =
    kind === "Fn::ImportValue"
      ? String(value).replace(/^.*:ExportsOutput(Ref|FnGetAtt)/, "")
      : String(kind === "Ref" ? value : (value as string[])[0]);
  const name =
    /^(?:(?:Model|Endpoint)\w*?(?:Inference|Shadow)|Server|Registry|FeatureState|Archive|Guard)?(Logs|Models|Ledger|SharedCache|PredictionLog|Predictions|Data|Parked|Events|Tiles|Sketches)/.exec(
      id,
    );
  return name?.[1] ?? id;
}
