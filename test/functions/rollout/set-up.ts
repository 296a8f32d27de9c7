import { MemoryLayoutStore } from "../../../functions/adapters/memory/memory-layout-store.ts";
import { MemoryLearningStore } from "../../../functions/adapters/memory/memory-learning-store.ts";
import { MemoryLedger } from "../../../functions/adapters/memory/memory-ledger.ts";
import { MemoryLogger } from "../../../functions/adapters/memory/memory-logger.ts";
import { MemoryNotices } from "../../../functions/adapters/memory/memory-notices.ts";
import { MemoryObjectStore } from "../../../functions/adapters/memory/memory-object-store.ts";
import { MemoryPackageStore } from "../../../functions/adapters/memory/memory-package-store.ts";
import { MemoryShardStateStore } from "../../../functions/adapters/memory/memory-shard-state-store.ts";
import { createOrtEngine } from "../../../functions/adapters/onnx/ort-engine.ts";
import type { ModelDigest } from "../../../functions/contract/ids.ts";
import type { RolloutInput } from "../../../functions/contract/learning.ts";
import type { LedgerEntry } from "../../../functions/contract/ledger.ts";
import { DependencyError } from "../../../functions/core/errors.ts";
import { parseDeclaration } from "../../../functions/core/inference/package-declarations.ts";
import { moveAlias } from "../../../functions/core/rollout/move-alias.ts";
import { followUp, type Move } from "../../../functions/core/rollout/moves.ts";
import { savePairs } from "../../../functions/core/rollout/verdict/pair-store.ts";
import { markOf } from "../../../functions/core/state/mark.ts";
import { openShardClock } from "../../../functions/core/state/shard-clock.ts";
import { buildModel } from "../../../functions/core/train/onnx/build-model.ts";
import type { RolloutDeps } from "../../../functions/rollout/deps.ts";
import { rollOut } from "../../../functions/rollout/roll-out.ts";

export const model = "m";
export const execution = "m-20010201-1";
export const startMs = Date.UTC(2001, 1, 1);
export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
const expiresAt = 2_000_000_000;

/** `p` is the logistic function of the sum of two features times a weight. */
export function weighed(weight: number, { inputName = "x", width = 2 } = {}): Uint8Array {
  return buildModel({
    inputs: [{ name: inputName, type: "float32", shape: ["N", width] }],
    outputs: [{ name: "p", type: "float32", shape: ["N", 1] }],
    nodes: [
      {
        opType: "ReduceSum",
        inputs: [inputName, "axes"],
        outputs: ["s"],
        attributes: { keepdims: { int: 1 } },
      },
      { opType: "Mul", inputs: ["s", "w"], outputs: ["t"] },
      { opType: "Sigmoid", inputs: ["t"], outputs: ["p"] },
    ],
    initialisers: {
      axes: { type: "int64", shape: [1], data: BigInt64Array.of(1n) },
      w: { type: "float32", shape: [1], data: Float32Array.of(weight) },
    },
  });
}

export function declaration(parts: Record<string, unknown> = {}): Uint8Array {
  return Buffer.from(
    JSON.stringify({
      ...{ name: model, event: { id: "id", time: "at", entity: "who" }, predictOn: { kind: "ask" } },
      features: { a: { from: "a" }, b: { from: "b" } },
      outputs: { p: { from: "p", index: 0 } },
      outcome: { on: { kind: "result" }, id: "id", label: { from: "late", above: 0 }, within: "1d" },
      rollout: { minOutcomes: 20 },
      training: { canary: { shadow: "1h", share: 0.1, deadline: "7d", atDeadline: "rollBack" } },
      ...parts,
    }),
  );
}

/** An action's input, without what names the execution. */
export type Call = WithoutNames<RolloutInput>;
type WithoutNames<Input> = Input extends unknown ? Omit<Input, "model" | "execution"> : never;

/** A ledger in which others may write first, and whose answers may be lost. */
class WatchedLedger extends MemoryLedger {
  beforeAppend: (entry: LedgerEntry) => Promise<void> = async () => {};
  isAnswerLost = false;

  override async append(entry: LedgerEntry): Promise<void> {
    const act = this.beforeAppend;
    if (entry.by === "learning") await act(entry);
    await super.append(entry);
    if (entry.by !== "learning" || !this.isAnswerLost) return;
    this.isAnswerLost = false;
    throw new DependencyError("killed", { code: "dependency.timeout" });
  }
}

/** A stage with a champion and a version that was published by the execution; nobody tries it yet. */
export async function setUp(parts: Record<string, unknown> = {}) {
  const clock = { nowMs: startMs };
  const ledger = new WatchedLedger();
  const packages = new MemoryPackageStore();
  const [sketches, tiles] = [new MemoryShardStateStore(), new MemoryShardStateStore()];
  const objects = new MemoryObjectStore();
  const deps = {
    ...{ stage: "dev", model, ledger, packages, sketches, tiles, objects },
    layouts: new MemoryLayoutStore(),
    declarations: {
      read: async (name: string, digest: ModelDigest) =>
        parseDeclaration((await packages.read(name, digest)).get("model.json")!),
    },
    load: { engine: createOrtEngine({ memoryMiB: 1769 }), nowMs: () => performance.now() },
    records: new MemoryLearningStore(),
    notices: new MemoryNotices(),
    logger: new MemoryLogger(),
    now: () => clock.nowMs,
  } satisfies RolloutDeps;

  const champion = await publish(weighed(1), "Ann", "first", "champion");
  const digest = await publish(weighed(2), "learning", `execution ${execution}: better`);
  let position = 0;
  return {
    clock,
    deps,
    ledger,
    packages,
    objects,
    champion,
    digest,
    publish,
    act,
    person,
    judge,
    serve,
    live,
    own,
  };

  async function publish(
    bytes: Uint8Array,
    by: string,
    why: string,
    alias?: "champion",
    declared = declaration(parts),
  ): Promise<ModelDigest> {
    const made = await packages.write(
      model,
      new Map([
        ["model.json", declared],
        ["model.onnx", bytes],
      ]),
    );
    const newest = await ledger.latest(model);
    const aliases = { ...newest?.aliases, ...(alias && { champion: { digest: made } }) };
    const change = { kind: "publish" as const, digest: made, sourceDigest: made, ...(alias && { alias }) };
    await MemoryLedger.prototype.append.call(
      ledger,
      followUp(newest, { model, by, why, nowMs: clock.nowMs }, { change, aliases }),
    );
    return made;
  }

  async function act(call: Call, of = execution): Promise<Record<string, unknown>> {
    return await rollOut({ ...call, model, execution: of }, deps);
  }

  async function person(move: Move, by = "Ann", why = "by hand"): Promise<void> {
    await moveAlias({ ledger, model, move, by, why, now: () => clock.nowMs });
  }

  /** One outcome on each of so many days, after which the version had lost so much more than the champion. */
  async function judge(
    difference: number,
    { role = "challenger", days = 30, of = digest } = {},
  ): Promise<void> {
    for (let day = 0; day < days; day++) {
      const noise = [0.01, -0.01, 0.005][day % 3]!;
      const pair = {
        ...{ hour: isoOf(startMs + day * dayMs).slice(0, 13), mark: markOf(String(++position), 0) },
        ...{ champion, other: of, role, segment: undefined },
        losses: {
          champion: { loss: 0.2, logLoss: 0.5 },
          other: { loss: 0.2 + difference + noise, logLoss: 0.5 + difference },
        },
      };
      await savePairs({ store: sketches, model, shard: "s", pairs: [pair], expiresAt });
    }
    await serve(startMs + days * dayMs);
  }

  /** Let the events come to a time. */
  async function serve(newestMs: number): Promise<void> {
    const none = { clocks: new Map(), model, shard: "s", aheadMs: dayMs, parentsOf: async () => [] };
    const shard = await openShardClock(none);
    await shard.save(tiles, markOf("1", 0), { newestMs, arrivalMs: newestMs, ahead: undefined }, expiresAt);
  }

  async function live() {
    return (await ledger.latest(model))!.aliases;
  }

  /** What the execution has written after its publish, oldest first. */
  async function own(of = execution): Promise<readonly string[]> {
    const entries = (await ledger.history(model)).toReversed();
    return entries.flatMap(({ by, why, change }) =>
      by === "learning" && why.startsWith(`execution ${of}: `) && change.kind === "alias"
        ? [change.action!]
        : [],
    );
  }
}

export function isoOf(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
