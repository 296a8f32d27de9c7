import type { StageName } from "../../functions/contract/stack-outputs.ts";
import type { StageInput } from "./stage-config.ts";

/**
 * The models that every stage serves unless the context `models` names others. A model is a name and, where it
 * departs from the defaults of `model-settings.ts`, its settings: `{ "flight-delay": { "memoryMiB": 3538 } }`.
 */
const models: StageInput["models"] = { "flight-delay": { learning: {} } };

/** The stages by name; edit here what your stages need. */
export const stages: Readonly<Record<StageName, StageInput>> = {
  dev: { durable: false, models },
  prod: { durable: true, logRetentionDays: 90, models },
};
