import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { AwsError } from "../aws-error.ts";
import { answerError } from "../error-answer.ts";
import { readBody } from "../request-body.ts";
import { readRequestUrl } from "../request-url.ts";
import { type Schedule, scheduleSettings } from "./schedule.ts";
import type { ScheduleGroup, Scheduler } from "./scheduler.ts";

/** Answer one request of Scheduler's REST protocol: schedules and groups are created, read, listed, changed, deleted. */
export async function handleSchedulerRequest(
  scheduler: Scheduler,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const body = await readBody(request, maxBodyBytes);
    const answer = JSON.stringify(route(scheduler, request, body));
    response.setHeader("content-type", "application/json");
    response.end(answer);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    answerError(request, response, { error, service: "scheduler" });
  }
}

/** An input may have 256 KiB; the rest of a schedule is small. */
const maxBodyBytes = 512 * 1024;

function route(scheduler: Scheduler, request: IncomingMessage, body: Buffer): object {
  const { pathname, searchParams: query } = readRequestUrl(request);
  const [, collection, encodedName = ""] = pathname.split("/");
  const name = decodeURIComponent(encodedName);
  const group = query.get("groupName") ?? undefined;
  switch (`${request.method} ${collection}${name === "" ? "" : " *"}`) {
    case "GET schedules":
      return { Schedules: listSchedules(scheduler, query).map(summarise) };
    case "GET schedules *":
      return describe(scheduler.get({ name, groupName: group }));
    case "POST schedules *": {
      const { groupName, settings } = readSchedule(body);
      return { ScheduleArn: scheduler.create({ name, groupName }, settings).arn };
    }
    case "PUT schedules *": {
      const { groupName, settings } = readSchedule(body);
      return { ScheduleArn: scheduler.update({ name, groupName }, settings).arn };
    }
    case "DELETE schedules *":
      scheduler.delete({ name, groupName: group });
      return {};
    case "GET schedule-groups":
      return { ScheduleGroups: scheduler.listGroups().map(describeGroup) };
    case "GET schedule-groups *":
      return describeGroup(scheduler.getGroup(name));
    case "POST schedule-groups *":
      return { ScheduleGroupArn: scheduler.createGroup(name).arn };
    case "DELETE schedule-groups *":
      scheduler.deleteGroup(name);
      return {};
    default:
      throw new AwsError(
        "UnknownOperationException",
        `the embedded scheduler has no ${request.method} ${pathname}; it has schedules and schedule-groups`,
        404,
      );
  }
}

const scheduleInput = scheduleSettings.extend({ GroupName: z.string().optional() });

function readSchedule(body: Buffer) {
  let json: unknown;
  try {
    json = JSON.parse(body.toString("utf8"));
  } catch (cause) {
    throw new AwsError("ValidationException", `the body cannot be read as JSON: ${cause}`);
  }
  const parsed = scheduleInput.safeParse(json);
  if (!parsed.success) throw new AwsError("ValidationException", z.prettifyError(parsed.error));
  const { GroupName: groupName, ...settings } = parsed.data;
  return { groupName, settings };
}

function listSchedules(scheduler: Scheduler, query: URLSearchParams): readonly Schedule[] {
  const [group, prefix, state] = ["ScheduleGroup", "NamePrefix", "State"].map((each) => query.get(each));
  return scheduler
    .list()
    .filter(
      ({ name, groupName, settings }) =>
        groupName === (group ?? groupName) &&
        name.startsWith(prefix ?? "") &&
        settings.State === (state ?? settings.State),
    );
}

function summarise({ name, groupName, arn, settings, createdMs, modifiedMs }: Schedule): object {
  return {
    Arn: arn,
    Name: name,
    GroupName: groupName,
    State: settings.State,
    CreationDate: createdMs / 1000,
    LastModificationDate: modifiedMs / 1000,
    Target: { Arn: settings.Target.Arn },
  };
}

function describe(schedule: Schedule): object {
  const { StartDate, EndDate, ...settings } = schedule.settings;
  return {
    ...summarise(schedule),
    ...settings,
    ...(StartDate !== undefined && { StartDate: StartDate / 1000 }),
    ...(EndDate !== undefined && { EndDate: EndDate / 1000 }),
  };
}

function describeGroup({ name, arn, createdMs }: ScheduleGroup): object {
  const created = createdMs / 1000;
  return { Name: name, Arn: arn, State: "ACTIVE", CreationDate: created, LastModificationDate: created };
}
