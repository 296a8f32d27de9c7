import type { ModelDigest } from "../contract/ids.ts";
import type { LearningEnd, RolloutInput } from "../contract/learning.ts";
import type { LedgerEntry } from "../contract/ledger.ts";
import {
  type Finish,
  finishGiveUp,
  finishHold,
  finishPromote,
  finishRollBack,
} from "../core/train/canary/finish-canary.ts";
import { entriesOf, versionsOf } from "../core/train/canary/learning-entries.ts";
import { decideByLedger, moveEntry } from "./decide-by-ledger.ts";
import type { RolloutDeps } from "./deps.ts";

/** How an execution ended. */
export interface Ended {
  readonly end: LearningEnd;
  readonly why: string;
}

type FinishInput = Extract<RolloutInput, { action: "promote" | "rollBack" | "hold" }>;

/** Make a version champion, take it off, or leave it; what others did to the aliases meanwhile stands. */
export async function finishVersion(
  { action, execution, digest: text, why }: FinishInput,
  deps: RolloutDeps,
): Promise<Ended> {
  const version = { execution, digest: text as ModelDigest };
  return await decideByLedger(deps, (history) => {
    const { move, ...ended } = finishOf(action, history, { ...version, why });
    const entry = move && moveEntry(history, deps, { execution, move, why });
    deps.logger.info("version decided", { ...version, ...ended, revision: entry?.revision });
    return { entry, result: ended };
  });
}

function finishOf(
  action: FinishInput["action"],
  history: readonly LedgerEntry[],
  { why, ...version }: { readonly execution: string; readonly digest: ModelDigest; readonly why: string },
): Finish {
  if (action === "promote") return finishPromote(history, version, why);
  if (action === "hold") return finishHold(history, version, why);
  return finishRollBack(history, version.digest, why);
}

/**
 * Take off whatever an execution put beside the champion, which stays as it is.
 *
 * @returns `failed`; `promoted` where it failed after that.
 */
export async function giveUp(
  { execution, error }: Extract<RolloutInput, { action: "giveUp" }>,
  deps: RolloutDeps,
): Promise<Ended> {
  const why = errorWords(error);
  for (;;) {
    const ended = await decideByLedger<Ended | undefined>(deps, (history) => {
      const move = finishGiveUp(history, versionsOf(history, execution));
      const entry = move && moveEntry(history, deps, { execution, move, why });
      if (entry !== undefined) return { entry, result: undefined };
      const hasPromoted = entriesOf(history, execution).some(
        ({ change }) => change.kind === "alias" && change.action === "promote",
      );
      return {
        result: hasPromoted ? { end: "promoted", why: `then: ${why}` } : { end: "failed", why },
      };
    });
    if (ended !== undefined) {
      deps.logger.warn("execution given up", { execution, ...ended });
      return ended;
    }
  }
}

/** The cause of a function's error is what it threw, as JSON. */
function errorWords({
  Error: name = "unknown error",
  Cause: cause = "",
}: {
  Error?: string | undefined;
  Cause?: string | undefined;
}): string {
  return [name, messageIn(cause)]
    .filter((part) => part !== "")
    .join(": ")
    .slice(0, maxWords);
}

/** An entry of the ledger is read by people. */
const maxWords = 1000;

function messageIn(cause: string): string {
  try {
    const parsed: unknown = JSON.parse(cause);
    const isError = typeof parsed === "object" && parsed !== null && "errorMessage" in parsed;
    return isError ? String(parsed.errorMessage) : cause;
  } catch {
    // Step Functions' own errors, such as a timeout, have a plain text.
    return cause;
  }
}
