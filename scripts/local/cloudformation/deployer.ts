import { type AssemblyStack, readAssembly } from "./assembly.ts";
import { deployStack, removeResources } from "./deploy-stack.ts";
import type { ProviderCloud } from "./provider.ts";
import { DeployError, type Stack } from "./stack.ts";
import { isRecordedOnly, supportedTypes } from "./supported-types.ts";

export interface Deployment {
  /** By stack name, then by output key. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Resources that were accepted and have no effect here, e.g. roles and keys. */
  readonly recorded: readonly {
    readonly stackName: string;
    readonly logicalId: string;
    readonly type: string;
  }[];
}

export interface Deployer {
  /**
   * Deploy the stacks of a synthesised app, all of them or the ones named, those that others depend on first.
   *
   * There are no updates: a stack that is deployed already is refused.
   *
   * @param directory - what `cdk synth` wrote, usually `cdk.out`.
   * @throws {DeployError} after everything that this call made has been removed again.
   */
  deploy(directory: string, options?: { readonly stacks?: readonly string[] }): Promise<Deployment>;
  /** What is deployed, oldest first. */
  stacks(): readonly Stack[];
}

export function createDeployer(cloud: ProviderCloud): Deployer {
  const deployed = new Map<string, Stack>();

  async function deploy(
    directory: string,
    { stacks }: { readonly stacks?: readonly string[] } = {},
  ): Promise<Deployment> {
    const selected = selectStacks(await readAssembly(directory), stacks);
    for (const source of selected) checkStack(source, deployed);
    const made: Stack[] = [];
    for (const source of selected) {
      try {
        const stack = await deployStack(source, { cloud, deployed: [...deployed.values()] });
        made.push(stack);
        deployed.set(stack.stackName, stack);
      } catch (cause) {
        for (const stack of made.toReversed()) {
          deployed.delete(stack.stackName);
          await removeResources(stack.resources);
        }
        throw cause;
      }
    }
    return describeDeployment(made);
  }

  return { deploy, stacks: () => [...deployed.values()] };
}

function selectStacks(
  all: readonly AssemblyStack[],
  names: readonly string[] | undefined,
): readonly AssemblyStack[] {
  if (names === undefined) return all;
  const have = all.map(({ stackName }) => stackName);
  const unknown = names.filter((name) => !have.includes(name));
  if (unknown.length > 0)
    throw new Error(`got the stacks ${unknown.join(", ")}, the app has ${have.join(", ")}`);
  return all.filter(({ stackName }) => names.includes(stackName));
}

function checkStack({ stackName, template }: AssemblyStack, deployed: ReadonlyMap<string, Stack>): void {
  if (deployed.has(stackName)) {
    throw new DeployError(
      `${stackName}: is deployed already, and the embedded cloud makes no updates; reset it first`,
      { stackName },
    );
  }
  const unsupported = Object.entries(template.Resources).filter(([, { Type }]) => !supportedTypes.has(Type));
  if (unsupported.length === 0) return;
  const named = unsupported.map(([logicalId, { Type }]) => `${logicalId} (${Type})`).join(", ");
  const supported = [...supportedTypes.keys()].sort().join(", ");
  throw new DeployError(
    `${stackName}: got unsupported resources ${named}; the embedded cloud supports ${supported}`,
    {
      stackName,
      logicalId: unsupported[0]?.[0],
    },
  );
}

function describeDeployment(made: readonly Stack[]): Deployment {
  const outputs = made.map(({ stackName, outputs }) => {
    return [stackName, Object.fromEntries(outputs.map(({ key, value }) => [key, value]))] as const;
  });
  const recorded = made.flatMap(({ stackName, resources }) =>
    resources
      .filter(({ type }) => isRecordedOnly(type))
      .map(({ logicalId, type }) => ({ stackName, logicalId, type })),
  );
  return { outputs: Object.fromEntries(outputs), recorded };
}
