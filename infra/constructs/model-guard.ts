import { Duration } from "aws-cdk-lib";
import type * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import type * as sns from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import type { HighResolutionMetric } from "../../functions/contract/high-resolution.ts";
import type { ModelSettings } from "../config/model-settings.ts";
import { addAlarm } from "./add-alarm.ts";
import type { ModelEndpoint } from "./model-endpoint.ts";
import type { ModelStream } from "./model-stream.ts";

export interface ModelGuardProps {
  readonly stream: ModelStream;
  /** @default - the API is switched off */
  readonly endpoint?: ModelEndpoint | undefined;
  readonly settings: Pick<ModelSettings["alarms"], "challengerErrors">;
  /** Called when an alarm goes off. */
  readonly guard: cloudwatch.IAlarmAction;
  /** Hears of it. */
  readonly topic: sns.ITopic;
}

/** Share of its memory at which a function is recycled: what is left has to hold one more version. */
export const maxMemoryRatio = 0.8;

/** The alarms of one model that the guard acts on, beside those that people hear of only. */
export class ModelGuard extends Construct {
  constructor(scope: Construct, id: string, props: ModelGuardProps) {
    super(scope, id);
    const { stream, endpoint, settings, guard, topic } = props;
    const shared = { threshold: 1, evaluationPeriods: 1, topic, action: guard };
    const seconds = (name: HighResolutionMetric) => stream.metric(name, { period: Duration.seconds(10) });
    addAlarm(this, "ChallengerErrors", {
      ...shared,
      metric: seconds("ChallengerErrors"),
      threshold: settings.challengerErrors,
      description: "the challenger failed on events that the champion answered: the guard takes it off",
      entry: "challengererrors",
    });
    addAlarm(this, "ChallengerStopped", {
      ...shared,
      metric: seconds("ChallengerStopped"),
      description: "a function stopped the challenger, which errs or is slow: the guard takes it off",
      entry: "challengerstopped",
    });
    const memory = {
      Stream: stream.metricMemoryRatio(),
      Predict: endpoint?.metricMemoryRatio(),
      Shadow: endpoint?.metricShadowMemoryRatio(),
    };
    for (const [kind, metric] of Object.entries(memory)) {
      if (metric === undefined) continue;
      addAlarm(this, `${kind}Memory`, {
        ...shared,
        metric,
        threshold: maxMemoryRatio,
        description: "a function uses most of its memory: the guard has its environments replaced",
        entry: "memory",
      });
    }
  }
}
