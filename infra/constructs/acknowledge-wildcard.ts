import { Stack, Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/** Tell cdk-nag why a role is allowed something on a resource whose ARN has a `*`, in the words of its finding. */
export function acknowledgeWildcard(
  role: IConstruct,
  { resource, reason }: { readonly resource: string; readonly reason: string },
): void {
  const written = inWords(Stack.of(role).resolve(resource));
  Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${written}]`, reason });
}

/** References in angle brackets. */
function inWords(value: unknown): string {
  if (typeof value === "string") return value;
  const reference = value as Partial<Record<"Ref", string>> &
    Partial<Record<"Fn::GetAtt", string[]>> &
    Partial<Record<"Fn::Join", [string, unknown[]]>>;
  if (reference.Ref !== undefined) return `<${reference.Ref}>`;
  if (reference["Fn::GetAtt"] !== undefined) return `<${reference["Fn::GetAtt"].join(".")}>`;
  const [separator, parts] = reference["Fn::Join"]!;
  return parts.map(inWords).join(separator);
}
