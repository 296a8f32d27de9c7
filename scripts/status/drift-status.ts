import type { DriftReport, ValueReport } from "../../functions/core/monitor/drift/drift-report.ts";
import type { RuleBreach } from "../../functions/core/monitor/drift/quality-rules.ts";

/** How the newest windows of a champion compare with what it was trained on. */
export interface DriftStatus {
  /** What an alarm stands about; empty where there is none. */
  readonly alarmed: readonly string[];
  /** Windows of the reference that the thresholds stand on; 0 where the usual ones stand alone. */
  readonly referenceWindows: number;
  /** At most three, the newest last. */
  readonly windows: readonly DriftWindow[];
  /** Of the newest window that was compared: the five features that exceed their thresholds by most, or come nearest. */
  readonly features: readonly ValueReport[];
  readonly scores: readonly ValueReport[];
  readonly breaches: readonly RuleBreach[];
}

export interface DriftWindow extends Pick<DriftReport, "from" | "until" | "rows" | "verdict"> {
  /** What drifted in it. */
  readonly drifted: readonly string[];
  /** What its scores promised; null where they are no probabilities. */
  readonly estimated: Performance | null;
  /** What came true until now; null where no outcome has come, or it is a number. */
  readonly measured: Performance | null;
}

export interface Performance {
  /** Of what was measured. */
  readonly outcomes?: number;
  readonly logLoss: number;
  readonly brier: number;
  readonly auc?: number;
  /** Expected calibration error, of what was measured. */
  readonly ece?: number;
}
