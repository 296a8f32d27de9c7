import { randomUUID } from "node:crypto";
import { stat } from "node:fs/promises";
import { localAccount, localRegion } from "../service.ts";
import type { AssemblyStack } from "./assembly.ts";
import { noValue, resolve, type Scope } from "./intrinsics.ts";
import { makePhysicalName } from "./physical-name.ts";
import type { CreatedResource, ProviderCloud, ProviderContext } from "./provider.ts";
import { orderResources } from "./resource-order.ts";
import { DeployError, type Stack, type StackOutput, type StackResource } from "./stack.ts";
import { createStackScope } from "./stack-scope.ts";
import { supportedTypes } from "./supported-types.ts";
import type { Template } from "./template.ts";

/**
 * Make everything that a stack's template declares, in the order of its references.
 *
 * @param options - `deployed`: the stacks whose exports and outputs this one may use.
 * @throws {DeployError} naming the resource and the reason; what was made until then is removed again.
 */
export async function deployStack(
  source: AssemblyStack,
  { cloud, deployed }: { readonly cloud: ProviderCloud; readonly deployed: readonly Stack[] },
): Promise<Stack> {
  const { stackName, template, templateBody } = source;
  const stackId = `arn:aws:cloudformation:${localRegion}:${localAccount}:stack/${stackName}/${randomUUID()}`;
  const made = new Map<string, CreatedResource>();
  const resources: StackResource[] = [];
  const scope = createStackScope({ stackName, stackId, template, resources: made, deployed });
  try {
    for (const logicalId of orderResources(template.Resources)) {
      const created = await createResource({ source, logicalId, scope, cloud });
      if (created === undefined) continue;
      made.set(logicalId, created);
      const type = template.Resources[logicalId]?.Type ?? "";
      resources.push({ logicalId, type, ...created, createdAt: new Date() });
    }
    const outputs = resolveOutputs(template, scope, stackName);
    const description = template.Description;
    return { stackName, stackId, description, templateBody, createdAt: new Date(), resources, outputs };
  } catch (cause) {
    const left = await removeResources(resources);
    const failure =
      cause instanceof DeployError ? cause : new DeployError(reasonOf(cause), { stackName, cause });
    const debris = left.length === 0 ? "" : `; could not remove ${left.join(", ")}`;
    throw new DeployError(`${stackName}: ${failure.message}${debris}`, {
      stackName,
      logicalId: failure.logicalId,
      cause: failure.cause,
    });
  }
}

/**
 * Remove resources, the newest first, whatever fails on the way.
 *
 * @returns what could not be removed, each with the reason.
 */
export async function removeResources(resources: readonly StackResource[]): Promise<string[]> {
  const left: string[] = [];
  for (const resource of resources.toReversed()) {
    try {
      await resource.remove?.();
    } catch (cause) {
      left.push(`${resource.logicalId} (${reasonOf(cause)})`);
    }
  }
  return left;
}

interface ResourceToCreate {
  readonly source: AssemblyStack;
  readonly logicalId: string;
  readonly scope: Scope;
  readonly cloud: ProviderCloud;
}

async function createResource({
  source,
  logicalId,
  scope,
  cloud,
}: ResourceToCreate): Promise<CreatedResource | undefined> {
  const { stackName, template } = source;
  const resource = template.Resources[logicalId];
  const provider = supportedTypes.get(resource?.Type ?? "");
  if (resource === undefined || provider === undefined) {
    throw new DeployError(`${logicalId}: got the unsupported type ${resource?.Type}`, {
      stackName,
      logicalId,
    });
  }
  const context: ProviderContext = {
    cloud,
    physicalName: (limits) => makePhysicalName({ stackName, logicalId, ...limits }),
    assetDirectory: (objectKey) => findAsset(source, objectKey),
  };
  try {
    if (resource.Condition !== undefined && !scope.condition(resource.Condition)) return undefined;
    return await provider.create(context, resolve(resource.Properties, scope));
  } catch (cause) {
    throw new DeployError(`${logicalId} (${resource.Type}): ${reasonOf(cause)}`, {
      stackName,
      logicalId,
      cause,
    });
  }
}

async function findAsset({ assets, stackName }: AssemblyStack, objectKey: string): Promise<string> {
  const path = assets.get(objectKey);
  if (path === undefined)
    throw new Error(
      `got the asset ${objectKey}, which the stack ${stackName} does not have; run cdk synth again`,
    );
  const isDirectory = (await stat(path)).isDirectory();
  if (!isDirectory)
    throw new Error(`got the asset ${path}, which is a file; give Code.fromAsset a directory`);
  return path;
}

function resolveOutputs(template: Template, scope: Scope, stackName: string): StackOutput[] {
  return Object.entries(template.Outputs).flatMap(([key, output]) => {
    if (output.Condition !== undefined && !scope.condition(output.Condition)) return [];
    try {
      const value = textOf(resolve(output.Value, scope));
      const exportName = output.Export && textOf(resolve(output.Export.Name, scope));
      return [{ key, value, description: output.Description, exportName }];
    } catch (cause) {
      throw new DeployError(`output ${key}: ${reasonOf(cause)}`, { stackName, cause });
    }
  });
}

function textOf(value: unknown): string {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return String(value);
  throw new Error(`got ${value === noValue ? "AWS::NoValue" : JSON.stringify(value)}, expected a text`);
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
