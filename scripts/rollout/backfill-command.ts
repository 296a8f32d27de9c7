import type { StageName } from "../../functions/contract/stack-outputs.ts";

/** The command that fills a version's windows from an instant on. @param source - its folder, or `<model>@<digest>`. */
export function backfillCommand(source: string, from: string, stage: StageName): string {
  const quoted = /^[\w./@-]+$/.test(source) ? source : JSON.stringify(source);
  return `npm run backfill -- ${quoted} --from ${from} --stage ${stage}`;
}
