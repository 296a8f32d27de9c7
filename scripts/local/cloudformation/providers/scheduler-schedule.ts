import { z } from "zod";
import { scheduleSettings } from "../../scheduler/schedule.ts";
import { defineProvider } from "../provider.ts";

export const schedulerSchedule = defineProvider({
  type: "AWS::Scheduler::Schedule",
  properties: scheduleSettings.extend({ Name: z.string().optional(), GroupName: z.string().optional() }),
  create: async ({ cloud, physicalName }, { Name, GroupName, ...settings }) => {
    const name = Name ?? physicalName({ maxLength: 64 });
    const { arn, groupName } = cloud.scheduler.create({ name, groupName: GroupName }, settings);
    return {
      physicalId: name,
      attributes: { Arn: arn },
      remove: async () => cloud.scheduler.delete({ name, groupName }),
    };
  },
});

export const schedulerScheduleGroup = defineProvider({
  type: "AWS::Scheduler::ScheduleGroup",
  properties: z.object({ Name: z.string().optional() }),
  create: async ({ cloud, physicalName }, { Name }) => {
    const name = Name ?? physicalName({ maxLength: 64 });
    const { arn, createdMs } = cloud.scheduler.createGroup(name);
    const created = new Date(createdMs).toISOString();
    return {
      physicalId: name,
      attributes: { Arn: arn, State: "ACTIVE", CreationDate: created, LastModificationDate: created },
      remove: async () => cloud.scheduler.deleteGroup(name),
    };
  },
});
