import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { type AlarmEntry, linkTo } from "./alarm-entries.ts";

/**
 * Alarm when `metric` reaches `threshold` in each of `evaluationPeriods` periods; told again when it is over.
 *
 * No data is no alarm: an idle stream emits none.
 */
export function addAlarm(
  scope: Construct,
  id: string,
  alarm: {
    readonly metric: cloudwatch.IMetric;
    readonly threshold: number;
    readonly evaluationPeriods: number;
    /** What it means; the link to what to do comes after it. */
    readonly description: string;
    readonly entry: AlarmEntry;
    /** Hears of it. */
    readonly topic: ITopic;
    /** Done besides, when it goes off. @default nothing */
    readonly action?: cloudwatch.IAlarmAction;
  },
): cloudwatch.Alarm {
  const { topic, action, description, entry, ...rest } = alarm;
  const created = new cloudwatch.Alarm(scope, id, {
    ...rest,
    alarmDescription: `${description}; see ${linkTo(entry)}`,
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
  });
  created.addAlarmAction(new SnsAction(topic));
  if (action !== undefined) created.addAlarmAction(action);
  created.addOkAction(new SnsAction(topic));
  return created;
}
