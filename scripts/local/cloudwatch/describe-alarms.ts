import * as z from "zod";
import type { Stack, StackResource } from "../cloudformation/stack.ts";
import { localAccount, localRegion } from "../service.ts";
import type { DescribeAlarmsInput } from "./inputs.ts";

const state = "INSUFFICIENT_DATA";

/** The alarms that stacks declare. None is ever evaluated here, and each says so. */
export function describeAlarms(input: DescribeAlarmsInput, stacks: readonly Stack[]): object {
  const alarms = stacks
    .flatMap((stack) => stack.resources.filter(isAlarm).map((resource) => ({ stack, resource })))
    .filter(
      ({ resource: { physicalId } }) =>
        (input.AlarmNames?.includes(physicalId) ?? true) &&
        physicalId.startsWith(input.AlarmNamePrefix ?? "") &&
        (input.StateValue ?? state) === state,
    );
  return {
    MetricAlarms: alarms.map(({ stack, resource }) => describe(stack, resource)),
    CompositeAlarms: [],
  };
}

function isAlarm({ type }: StackResource): boolean {
  return type === "AWS::CloudWatch::Alarm";
}

const declared = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Properties: z.optional(z.object({ AlarmDescription: z.optional(z.unknown()) })) }),
  ),
});

function describe({ templateBody }: Stack, { physicalId, logicalId, createdAt }: StackResource): object {
  const template = declared.parse(JSON.parse(templateBody));
  const description = template.Resources[logicalId]?.Properties?.AlarmDescription;
  return {
    AlarmName: physicalId,
    AlarmArn: `arn:aws:cloudwatch:${localRegion}:${localAccount}:alarm:${physicalId}`,
    ...(typeof description === "string" && { AlarmDescription: description }),
    ActionsEnabled: false,
    StateValue: state,
    StateReason: "the embedded cloud records alarms and does not evaluate them",
    StateUpdatedTimestamp: createdAt.getTime() / 1000,
  };
}
