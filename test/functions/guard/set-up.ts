import { MemoryLedger } from "../../../functions/adapters/memory/memory-ledger.ts";
import { MemoryLogger } from "../../../functions/adapters/memory/memory-logger.ts";
import type { ModelDigest } from "../../../functions/contract/ids.ts";
import type { Aliases } from "../../../functions/contract/ledger.ts";
import { ConflictError } from "../../../functions/core/errors.ts";
import type {
  FunctionEnvironment,
  FunctionVariables,
} from "../../../functions/core/rollout/function-environment.ts";
import type { GuardDeps } from "../../../functions/guard/deps.ts";
import { guard } from "../../../functions/guard/guard.ts";

/** The times of the tests are seconds after it. */
export const startMs = Date.UTC(2026, 2, 1);
export const at = (seconds: number) => new Date(startMs + seconds * 1000).toISOString();

export const champion = "a".repeat(64) as ModelDigest;
export const challenger = "b".repeat(64) as ModelDigest;
export const another = "c".repeat(64) as ModelDigest;

/** Functions in memory, whose configuration changes its revision with every change. */
export class MemoryFunctions implements FunctionEnvironment {
  readonly configured = new Map<string, FunctionVariables>();
  /** Asked before each write; may change what is configured, or throw. */
  beforeWrite: (write: number) => void = () => {};
  writes = 0;

  async read(name: string): Promise<FunctionVariables> {
    return this.configured.get(name)!;
  }

  async replace(name: string, { variables, revision }: FunctionVariables): Promise<void> {
    this.writes++;
    this.beforeWrite(this.writes);
    if (this.configured.get(name)!.revision !== revision)
      throw new ConflictError("somebody else's", { code: "dependency.conflict" });
    this.configured.set(name, { variables, revision: `${revision}+` });
  }
}

/** A guard over ports in memory; its clock stands at 100 s. */
export function setUp(overrides: Partial<GuardDeps> = {}) {
  const ledger = new MemoryLedger();
  const functions = new MemoryFunctions();
  functions.configured.set("f", { variables: { ORT: "1", HEADRACE_MODEL: "m" }, revision: "r" });
  const logger = new MemoryLogger();
  const clock = { seconds: 100 };
  const waits: number[] = [];
  const deps: GuardDeps = {
    stage: "dev",
    models: ["m", "n"],
    ...{ ledger, functions, logger },
    now: () => startMs + clock.seconds * 1000,
    startWaits: () => ({
      async wait(attempt) {
        waits.push(attempt);
        return attempt < 4;
      },
    }),
    ...overrides,
  };
  /** What was logged, each line with its fields. */
  const said = (): Record<string, unknown>[] =>
    logger.lines.map(({ fields, ...line }) => ({ ...line, ...fields }));
  return { ledger, functions, said, clock, waits, deps, send: (event: unknown) => guard(event, deps) };
}

/** Append an entry after which the model's challenger is a version, or none. */
export async function challenge(
  ledger: MemoryLedger,
  seconds: number,
  digest: ModelDigest | undefined,
): Promise<void> {
  const newest = await ledger.latest("m");
  const aliases: Aliases = {
    champion: { digest: champion },
    ...(digest && { challenger: { digest, share: 0.2 } }),
  };
  await ledger.append({
    ...{ model: "m", revision: (newest?.revision ?? 0) + 1, at: at(seconds), by: "somebody", why: "why" },
    change:
      digest === undefined
        ? { kind: "alias", action: "stop", alias: "challenger" }
        : { kind: "publish", digest, sourceDigest: "s", alias: "challenger" },
    aliases,
  });
}

/** What CloudWatch sends; by its user guide, the times in its own format. */
export function alarmEvent(
  metric: string,
  {
    dimensions = { Stage: "dev", Model: "m" } as Readonly<Record<string, string>>,
    fromSeconds = 80,
    firedSeconds = 95,
    value = "ALARM",
  } = {},
) {
  const timeText = (seconds: number) => at(seconds).replace("Z", "+0000");
  return {
    source: "aws.cloudwatch",
    alarmArn: "arn:aws:cloudwatch:us-east-1:000000000000:alarm:the-alarm",
    accountId: "000000000000",
    time: timeText(firedSeconds + 1),
    region: "us-east-1",
    alarmData: {
      alarmName: "the-alarm",
      state: {
        value,
        reason: "Threshold Crossed: 1 datapoint [3.0] was greater than or equal to the threshold (1.0).",
        reasonData: JSON.stringify({ version: "1.0", startDate: timeText(fromSeconds), period: 10 }),
        timestamp: timeText(firedSeconds),
      },
      previousState: { value: "OK", reason: "", timestamp: timeText(0) },
      configuration: {
        description: "what it means",
        metrics: [
          {
            id: "e1",
            metricStat: {
              metric: { namespace: "Headrace", name: metric, dimensions },
              ...{ period: 10, stat: "Sum" },
            },
            returnData: true,
          },
        ],
      },
    },
  };
}
