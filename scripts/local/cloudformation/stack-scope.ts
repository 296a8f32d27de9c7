import { localAccount, localRegion } from "../service.ts";
import { noValue, resolve, type Scope, UnresolvedError } from "./intrinsics.ts";
import type { Stack } from "./stack.ts";
import type { Template } from "./template.ts";

export interface StackScopeOptions {
  readonly stackName: string;
  readonly stackId: string;
  readonly template: Template;
  /** What the resources made so far answer to `Ref` and `Fn::GetAtt`, by logical id; read at each call. */
  readonly resources: ReadonlyMap<
    string,
    { readonly physicalId: string; readonly attributes: Readonly<Record<string, string>> }
  >;
  /** Stacks deployed before, whose exports and outputs may be used. */
  readonly deployed: readonly Stack[];
}

/** The names that one stack's expressions may use. */
export function createStackScope(options: StackScopeOptions): Scope {
  const { stackName, template, resources } = options;
  const pseudo: Readonly<Record<string, unknown>> = {
    "AWS::AccountId": localAccount,
    "AWS::NoValue": noValue,
    "AWS::NotificationARNs": [],
    "AWS::Partition": "aws",
    "AWS::Region": localRegion,
    "AWS::StackId": options.stackId,
    "AWS::StackName": stackName,
    "AWS::URLSuffix": "amazonaws.com",
  };
  const deployedOutputs = options.deployed.flatMap(({ outputs }) => outputs);
  const evaluating = new Set<string>();
  const evaluated = new Map<string, boolean>();
  const find = (logicalId: string) => {
    const resource = resources.get(logicalId);
    if (resource !== undefined) return resource;
    const excluded = Object.hasOwn(template.Resources, logicalId) ? "; its condition is false" : "";
    throw new UnresolvedError(
      `got a reference to "${logicalId}", which the stack ${stackName} does not have${excluded}`,
    );
  };

  const scope: Scope = {
    availabilityZones: ["a", "b", "c"].map((zone) => localRegion + zone),
    ref(name) {
      if (Object.hasOwn(pseudo, name)) return pseudo[name];
      return Object.hasOwn(template.Parameters, name) ? defaultOf(template, name) : find(name).physicalId;
    },
    getAtt(logicalId, attribute) {
      const { attributes } = find(logicalId);
      if (Object.hasOwn(attributes, attribute)) return attributes[attribute];
      const have = Object.keys(attributes).join(", ") || "none";
      const type = template.Resources[logicalId]?.Type;
      throw new UnresolvedError(
        `got the attribute ${attribute} of ${logicalId} (${type}); the embedded cloud has ${have}`,
      );
    },
    importValue(name) {
      const value = deployedOutputs.find(({ exportName }) => exportName === name)?.value;
      if (value !== undefined) return value;
      throw new UnresolvedError(
        `got an import of "${name}", which no deployed stack exports; deploy that stack first`,
      );
    },
    stackOutput(otherStack, outputName) {
      const other = options.deployed.find(
        (stack) => otherStack === stack.stackName || otherStack === stack.stackId,
      );
      const value = other?.outputs.find(({ key }) => key === outputName)?.value;
      if (value !== undefined) return value;
      const have = other === undefined ? "no such stack is deployed" : "the stack has no such output";
      throw new UnresolvedError(`got a reference to the output ${outputName} of ${otherStack}, but ${have}`);
    },
    condition(name) {
      const known = evaluated.get(name);
      if (known !== undefined) return known;
      if (!Object.hasOwn(template.Conditions, name))
        throw new UnresolvedError(`got an unknown condition "${name}"`);
      if (evaluating.has(name)) throw new UnresolvedError(`condition "${name}" depends on itself`);
      evaluating.add(name);
      const result = resolve(template.Conditions[name], scope) === true;
      evaluated.set(name, result);
      return result;
    },
    mapping(map, topKey, secondKey) {
      const value = template.Mappings[map]?.[topKey]?.[secondKey];
      if (value !== undefined) return value;
      throw new UnresolvedError(`got an unknown mapping ${map}.${topKey}.${secondKey}`);
    },
  };
  return scope;
}

/** Nothing is looked up in SSM: a parameter of such a type is its default, the name of the SSM parameter. */
function defaultOf(template: Template, name: string): unknown {
  const parameter = template.Parameters[name];
  if (parameter?.Default === undefined) {
    throw new UnresolvedError(
      `parameter "${name}" has no default, and the embedded cloud takes no parameters`,
    );
  }
  const isList = parameter.Type === "CommaDelimitedList" || parameter.Type.startsWith("List<");
  return isList
    ? String(parameter.Default)
        .split(",")
        .map((item) => item.trim())
    : parameter.Default;
}
