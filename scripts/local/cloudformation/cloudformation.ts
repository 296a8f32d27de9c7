import { AwsError } from "../aws-error.ts";
import { createQueryService } from "../query-service.ts";
import type { LocalService } from "../service.ts";
import type { XmlValue } from "../xml.ts";
import type { Stack, StackResource } from "./stack.ts";

/** CloudFormation's API as far as it reads: what is deployed, and what its outputs are. */
export function createCloudFormation(stacks: () => readonly Stack[]): LocalService {
  const find = (name: string | null): Stack => {
    const found = stacks().find(({ stackName, stackId }) => name === stackName || name === stackId);
    if (found !== undefined) return found;
    throw new AwsError("ValidationError", `Stack with id ${name} does not exist`);
  };
  return createQueryService({
    signingName: "cloudformation",
    namespace: "http://cloudformation.amazonaws.com/doc/2010-05-15/",
    operations: {
      DescribeStacks: (input) => {
        const name = input.get("StackName");
        return { Stacks: (name === null ? stacks() : [find(name)]).map(describeStack) };
      },
      ListStacks: (input) => {
        const wanted = [...input]
          .filter(([key]) => key.startsWith("StackStatusFilter."))
          .map(([, status]) => status);
        const listed = wanted.length === 0 || wanted.includes("CREATE_COMPLETE") ? stacks() : [];
        return { StackSummaries: listed.map(summariseStack) };
      },
      DescribeStackResources: (input) => {
        const wanted = input.get("LogicalResourceId");
        const stack = find(input.get("StackName"));
        const resources = stack.resources.filter(({ logicalId }) => wanted === null || wanted === logicalId);
        return { StackResources: resources.map((resource) => describeResource(stack, resource)) };
      },
      ListStackResources: (input) => {
        const { resources } = find(input.get("StackName"));
        return { StackResourceSummaries: resources.map(summariseResource) };
      },
      ListExports: () => ({ Exports: stacks().flatMap(listExports) }),
      GetTemplate: (input) => ({
        TemplateBody: find(input.get("StackName")).templateBody,
        StagesAvailable: ["Original"],
      }),
    },
  });
}

function summariseStack(stack: Stack): { readonly [name: string]: XmlValue } {
  return {
    StackId: stack.stackId,
    StackName: stack.stackName,
    TemplateDescription: stack.description,
    CreationTime: stack.createdAt.toISOString(),
    StackStatus: "CREATE_COMPLETE",
  };
}

function describeStack(stack: Stack): XmlValue {
  const { TemplateDescription: Description, ...summary } = summariseStack(stack);
  const Outputs = stack.outputs.map(({ key, value, description, exportName }) => {
    return { OutputKey: key, OutputValue: value, Description: description, ExportName: exportName };
  });
  return { ...summary, Description, DisableRollback: false, Outputs };
}

function summariseResource(resource: StackResource): { readonly [name: string]: XmlValue } {
  return {
    LogicalResourceId: resource.logicalId,
    PhysicalResourceId: resource.physicalId,
    ResourceType: resource.type,
    LastUpdatedTimestamp: resource.createdAt.toISOString(),
    ResourceStatus: "CREATE_COMPLETE",
  };
}

function describeResource(stack: Stack, resource: StackResource): XmlValue {
  const { LastUpdatedTimestamp: Timestamp, ...summary } = summariseResource(resource);
  return { StackId: stack.stackId, StackName: stack.stackName, Timestamp, ...summary };
}

function listExports(stack: Stack): XmlValue[] {
  return stack.outputs.flatMap(({ exportName, value }) =>
    exportName === undefined ? [] : [{ ExportingStackId: stack.stackId, Name: exportName, Value: value }],
  );
}
