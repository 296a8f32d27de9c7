import type { StageName } from "../../functions/contract/stack-outputs.ts";
import { aliasWords } from "../../functions/core/rollout/entry-words.ts";
import { backfillCommand } from "../rollout/backfill-command.ts";
import type { Published } from "./publish.ts";

/** How the package was named. */
export interface PublishPlace {
  readonly folder: string;
  readonly stage: StageName;
}

/** Tell people what a publish did. */
export function showPublished(published: Published, place: PublishPlace): string {
  const { plan, outcome, entry, backfill, advice } = published;
  const { package: declared, digest, changes, warnings, sampleCount } = plan;
  const champion = entry.aliases.champion?.digest;
  const happened = {
    published: `published ${declared.name} as ${digest}`,
    moved: `${declared.name}: ${digest} was published before; its alias was moved`,
    unchanged: `${declared.name}: ${digest} is published already; nothing to do`,
  };
  return [
    happened[outcome],
    `  samples    ${sampleCount === 0 ? "none" : `${sampleCount} reproduced within ${declared.samplesTolerance}`}`,
    ...changes.map((change) => `  changed    ${change}`),
    ...warnings.map((warning) => `  warning    ${warning}`),
    `  ledger     revision ${entry.revision}, ${entry.at}, by ${entry.by}: ${entry.why}`,
    champion === digest
      ? "  champion   this version"
      : `  live       ${aliasWords(entry.aliases)}; make this version the champion with --alias champion`,
    ...advice.map((line) => `  advice     ${line}`),
    ...(backfill === undefined
      ? []
      : [
          `  backfill   nothing is kept yet of ${backfill.views.join(", ")}: fill their windows${champion === digest ? "" : " before it is champion"} with`,
          `             ${backfillCommand(place.folder, backfill.from, place.stage)}`,
        ]),
  ].join("\n");
}

/** What `--json` prints: stable, one object. */
export function publishedJson(published: Published, place: PublishPlace): string {
  const { plan, outcome, entry, backfill, advice } = published;
  const { package: declared, digest, sourceDigest, changes, warnings, sampleCount } = plan;
  const { revision, at, aliases } = entry;
  return JSON.stringify({
    model: declared.name,
    digest,
    sourceDigest,
    outcome,
    revision,
    at,
    aliases,
    samples: sampleCount,
    changes,
    warnings,
    ...(advice.length > 0 && { advice }),
    ...(backfill && {
      backfill: { ...backfill, command: backfillCommand(place.folder, backfill.from, place.stage) },
    }),
  });
}
