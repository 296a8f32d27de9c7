import type { RowBuffers } from "../core/features/row-buffers.ts";
import type { LoadedModel } from "../core/inference/loaded-model.ts";
import { takeSameRows } from "../core/rollout/same-rows.ts";
import type { ServingRoles } from "../core/rollout/serving-roles.ts";
import type { Mark } from "../core/state/mark.ts";
import type { BatchState } from "./batch-state.ts";
import { type Challenger, createChallenger } from "./challenger.ts";
import type { Companion } from "./companion.ts";
import type { StreamDeps } from "./deps.ts";
import type { ModelState } from "./model-state.ts";
import type { Shadow, ShadowedEvent } from "./shadow-queue.ts";
import { createStranger } from "./stranger.ts";
import { createTwin } from "./twin.ts";

/** The versions that run beside the champion on one batch. */
export interface Beside {
  /** Absent where none is on. */
  readonly challenger: Challenger | undefined;
  /** Whether the chunk must end before the next event. */
  readonly isFull: boolean;
  /** An event that the champion has let in. */
  take(event: ShadowedEvent): void;
  /** Give them the rows of the chunk. @throws {DependencyError} when state of theirs cannot be read */
  fill(answering: RowBuffers): Promise<void>;
  /** Write what the batch added to state that is theirs alone. @returns the lowest mark that is not wholly done, if any */
  save(before: Mark | undefined): Promise<Mark | undefined>;
  followed(mark: Mark): void;
}

export interface BesideOptions {
  readonly roles: ServingRoles;
  /** The champion's state in this batch; undefined where no version keeps any. */
  readonly state: BatchState | undefined;
  readonly deps: StreamDeps;
}

/** @returns undefined where the champion is alone. */
export function openBeside({ roles, state, deps }: BesideOptions): Beside | undefined {
  const { champion } = roles;
  const companionOf = (model: LoadedModel, waiting?: number): Companion => {
    if (takeSameRows(champion, model)) return createTwin(model, waiting);
    const own = stateOf(model)?.follow(state!.opening, champion.program.views);
    return createStranger(model, own, waiting);
  };
  const stateOf = (model: LoadedModel): ModelState | undefined =>
    state === undefined ? undefined : deps.stateOf(model, [champion]);
  const challenger =
    roles.challenger && createChallenger(companionOf(roles.challenger.model), roles.challenger.share, deps);
  const shadow =
    roles.shadow &&
    deps
      .shadows(roles.shadow.model)
      .open(roles.shadow.sample, (waiting) => companionOf(roles.shadow!.model, waiting));
  const all: readonly (Challenger | Shadow)[] = [challenger, shadow].filter((each) => each !== undefined);
  if (all.length === 0) return undefined;
  return {
    challenger,
    get isFull() {
      return challenger?.isFull ?? false;
    },
    take(event) {
      for (const each of all) each.take(event);
    },
    async fill(answering) {
      for (const each of all) await each.fill(answering);
    },
    async save(before) {
      const open = await Promise.all(all.map((each) => each.save(before)));
      return open.filter((mark) => mark !== undefined).sort()[0];
    },
    followed(mark) {
      for (const each of all) each.followed(mark);
    },
  };
}
