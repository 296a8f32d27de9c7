import type { ModelDigest } from "../contract/ids.ts";
import type { LedgerEntry } from "../contract/ledger.ts";
import { incompatibilities } from "../core/rollout/compatible.ts";
import { readVerdict } from "../core/rollout/verdict/read-verdict.ts";
import type { Verdict } from "../core/rollout/verdict/verdict.ts";
import { roleOf } from "../core/train/canary/standing.ts";
import type { RolloutDeps } from "./deps.ts";

type Deps = Pick<RolloutDeps, "model" | "declarations" | "sketches" | "tiles">;

/** What is found of a version beside the champion. @returns undefined where it stands under no other alias, or no outcome is declared */
export async function verdictOn(
  { model, declarations, sketches, tiles }: Deps,
  live: LedgerEntry,
  digest: ModelDigest,
): Promise<Verdict | undefined> {
  const { champion } = live.aliases;
  const role = roleOf(live, digest);
  if (champion === undefined || role === undefined || role === "champion") return undefined;
  const [found] = await readVerdict({
    ...{ model, sketches, tiles },
    aliases: { champion, [role]: live.aliases[role] },
    package: await declarations.read(model, champion.digest),
  });
  return found?.verdict;
}

/** Why a version cannot stand beside the present champion, which may be another than it was made beside. */
export async function misfitsOf(
  { model, declarations }: Pick<Deps, "model" | "declarations">,
  { aliases }: LedgerEntry,
  digest: ModelDigest,
): Promise<readonly string[]> {
  const champion = aliases.champion?.digest;
  if (champion === undefined) return ["there is no champion"];
  if (champion === digest) return [];
  const [own, its] = await Promise.all([
    declarations.read(model, digest),
    declarations.read(model, champion),
  ]);
  return incompatibilities(own, its);
}
