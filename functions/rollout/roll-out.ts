import { type RolloutAction, type RolloutOutput, rolloutInput } from "../contract/learning.ts";
import { InputError } from "../core/errors.ts";
import type { RolloutDeps } from "./deps.ts";
import { finishVersion, giveUp } from "./finish-version.ts";
import { registerVersion } from "./register-version.ts";
import { askPeople, tellEnd } from "./tell-people.ts";
import { checkVersion, tryAsChallenger, tryAsShadow } from "./try-version.ts";

/**
 * Carry out one action of a retraining; every one may be called again, and then changes nothing more.
 *
 * @param event - as `rolloutInput` has it.
 * @throws {InputError} `input.malformed` for anything else, or another model.
 */
export async function rollOut(event: unknown, deps: RolloutDeps): Promise<RolloutOutput<RolloutAction>> {
  const parsed = rolloutInput.safeParse(event);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${path.join(".") || "input"}: ${message}`,
    );
    throw malformed(
      `got ${problems.join("; ")}, expected what contract/learning.ts says; call it from the state machine`,
    );
  }
  const input = parsed.data;
  if (input.model !== deps.model)
    throw malformed(`got the model "${input.model}", expected "${deps.model}"; call that model's function`);
  switch (input.action) {
    case "register":
      return await registerVersion(input, deps);
    case "shadow":
      return await tryAsShadow(input, deps);
    case "challenge":
      return await tryAsChallenger(input, deps);
    case "check":
      return await checkVersion(input, deps);
    case "promote":
    case "rollBack":
    case "hold":
      return await finishVersion(input, deps);
    case "giveUp":
      return await giveUp(input, deps);
    case "ask":
      return await askPeople(input, deps);
    case "notify":
      return await tellEnd(input, deps);
  }
}

function malformed(what: string): InputError {
  return new InputError(`rollout: ${what}`, { code: "input.malformed" });
}
