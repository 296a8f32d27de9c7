import type { StageName } from "../../functions/contract/stack-outputs.ts";
import type { NeededBackfill } from "./new-views.ts";
import type { Published } from "./publish.ts";

/** How the package was named. */
export interface PublishPlace {
  readonly folder: string;
  readonly stage: StageName;
}

/** Tell people what a publish did. */
export function showPublished({ plan, outcome, entry, backfill }: Published, place: PublishPlace): string {
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
      : `  champion   ${champion ?? "none"}; make this version the champion with --alias champion`,
    ...(backfill === undefined
      ? []
      : [
          `  backfill   nothing is kept yet of ${backfill.views.join(", ")}: fill their windows${champion === digest ? "" : " before it is champion"} with`,
          `             ${backfillCommand(backfill, place)}`,
        ]),
  ].join("\n");
}

/** What `--json` prints: stable, one object. */
export function publishedJson({ plan, outcome, entry, backfill }: Published, place: PublishPlace): string {
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
    ...(backfill && { backfill: { ...backfill, command: backfillCommand(backfill, place) } }),
  });
}

function backfillCommand({ from }: NeededBackfill, { folder, stage }: PublishPlace): string {
  return `npm run backfill -- ${/^[\w./-]+$/.test(folder) ? folder : JSON.stringify(folder)} --from ${from} --stage ${stage}`;
}
