import { it, vi } from "vitest";
import type { ApiSettings } from "../../../infra/config/api-settings.ts";
import type { LearningSettings } from "../../../infra/config/learning-settings.ts";
import type { ModelSettings } from "../../../infra/config/model-settings.ts";
import type { CloudOptions } from "../../../scripts/local/cloud.ts";
import type { KinesisOptions } from "../../../scripts/local/kinesis/kinesis.ts";
import { openDeployedStage } from "./deployed-stage.ts";
import { openEmbeddedStage } from "./embedded-stage.ts";
import { canFindProcesses } from "./function-processes.ts";
import type { Stage } from "./stage.ts";

/**
 * What a test may need of the place it runs on, beyond the AWS APIs.
 *
 * - `ownModels`: a fresh stage with models and settings of the test's choice, nothing published yet.
 * - `gateway`: API Gateway itself checks bodies; elsewhere the function's own check is what answers.
 * - `faults`: dependencies fail on demand, and event sources are at hand.
 * - `processes`: the functions' processes can be killed.
 * - `metrics`: what the functions measure is there as soon as they have written it.
 * - `bursts`: hundreds of calls at once are answered; where each has a process to itself, a machine is soon out of them.
 */
export type Capability = "ownModels" | "gateway" | "faults" | "processes" | "metrics" | "bursts";

const targets: Readonly<Record<string, { open: typeof openEmbeddedStage; can: readonly Capability[] }>> = {
  /** The embedded cloud, in the test's own process. */
  embedded: {
    open: openEmbeddedStage,
    can: [
      "ownModels",
      "gateway",
      "bursts",
      "faults",
      "metrics",
      ...(canFindProcesses ? (["processes"] as const) : []),
    ],
  },
  /** A stage deployed beforehand to an endpoint compatible with LocalStack's. */
  endpoint: { open: openDeployedStage, can: [] },
  /** A stage deployed beforehand to an account. */
  aws: { open: openDeployedStage, can: ["gateway", "bursts"] },
};

// Each wait has a deadline of its own, and says what was missing; this is only above their sum.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const name = process.env.TARGET || "embedded";
const target = targets[name];
if (target === undefined) {
  throw new Error(`TARGET: got "${name}", expected ${Object.keys(targets).join(", ")}`);
}
const { open, can } = target;

export interface StageOptions {
  /** Settings by model, as the CDK context `models` takes them. @default the stage's own: flight-delay */
  readonly models?: Readonly<Record<string, ModelSettingsInput>>;
  /** The API's settings, as the CDK context `api` takes them. @default the stage's own */
  readonly api?: ApiSettingsInput;
  /** The archive's settings, as the CDK context `archive` takes them. @default the stage's own: on */
  readonly archive?: { readonly enabled: boolean };
  readonly kinesis?: KinesisOptions;
  /** Takes every line that the functions write. */
  readonly onLog?: (line: string) => void;
  /** The clock of throttles and quotas. */
  readonly apiGateway?: CloudOptions["apiGateway"];
}

export type ApiSettingsInput = Partial<
  Omit<ApiSettings, "throttle" | "usagePlan"> & {
    readonly throttle: Partial<ApiSettings["throttle"]>;
    readonly usagePlan: Partial<ApiSettings["usagePlan"]>;
  }
>;

export type ModelSettingsInput = Partial<
  Omit<ModelSettings, "eventSource" | "learning"> & {
    readonly eventSource: Partial<ModelSettings["eventSource"]>;
    readonly learning: Partial<LearningSettings>;
  }
>;

/** Open a stage on the target that the variable `TARGET` names: `embedded` (default), `endpoint` or `aws`. */
export function openStage(options: StageOptions = {}): Promise<Stage> {
  return open(options);
}

/** Whether the target has what a test can do without, but would see. */
export function targetHas(capability: Capability): boolean {
  return can.includes(capability);
}

/** `it` for tests that need something of the target; where that is lacking they are skipped and say why. */
export function itNeeding(
  ...needs: readonly Capability[]
): (title: string, test: () => Promise<void>) => void {
  const missing = needs.filter((need) => !can.includes(need));
  if (missing.length === 0) return it;
  return (title, test) => {
    console.log(`skipped on target ${name}, which lacks ${missing.join(" and ")}: ${title}`);
    it.skip(title, test);
  };
}
