import type { ModelDigest } from "../../contract/ids.ts";
import type { Role } from "../../contract/ledger.ts";
import type { Rival } from "../../contract/rival.ts";
import { isChallengersEntity } from "./route.ts";

/** The one answer to an event, and what another version said of it. */
export interface RowAnswer {
  /** The outputs as a JSON object's text. */
  readonly outputs: string;
  /** Who answers. */
  readonly digest: ModelDigest;
  readonly role: Extract<Role, "champion" | "challenger">;
  /** What the other version said, as the JSON text of `contract/rival.ts`; absent where it said nothing. */
  readonly rival?: string;
}

/** What one version said of the rows of a chunk. */
export interface RowsSaid {
  readonly digest: ModelDigest;
  /** One per row, in order: its outputs as JSON text; anything else for a row of which it says nothing. */
  readonly results: readonly unknown[];
}

/** An event's part of each declared segment, by the segment's name. */
export type RowSegments = NonNullable<Rival["segments"]>;

export interface AnswerRowsOptions {
  readonly champion: RowsSaid;
  /** Absent where none is on, or where it was stopped. */
  readonly challenger?: (RowsSaid & { readonly share: number }) | undefined;
  /** What routes each row: its entity, or the event's id. */
  readonly entities: readonly string[];
  /** Each row's segments; absent where the package declares none. */
  readonly segments?: readonly RowSegments[] | undefined;
}

/**
 * Decide who answers each row of a chunk that the champion and a challenger have scored.
 *
 * The challenger answers its share of the entities, wherever it said something; the champion answers all else. A row
 * that the one who is to answer says nothing of is the champion's, and without its word has no answer.
 *
 * @returns one per row, in order; undefined for no answer.
 */
export function answerRows({
  champion,
  challenger,
  entities,
  segments,
}: AnswerRowsOptions): (RowAnswer | undefined)[] {
  return entities.map((entity, row): RowAnswer | undefined => {
    const first = textAt(champion, row);
    const second = challenger && textAt(challenger, row);
    if (challenger === undefined || second === undefined) {
      return first === undefined ? undefined : { outputs: first, digest: champion.digest, role: "champion" };
    }
    const parts = segments?.[row];
    if (isChallengersEntity(entity, challenger.digest, challenger.share)) {
      const answer = { outputs: second, digest: challenger.digest, role: "challenger" } as const;
      if (first === undefined) return answer;
      return { ...answer, rival: rivalText(champion.digest, { role: "champion", outputs: first, parts }) };
    }
    if (first === undefined) return undefined;
    const rival = rivalText(challenger.digest, { role: "challenger", outputs: second, parts });
    return { outputs: first, digest: champion.digest, role: "champion", rival };
  });
}

/** How many rows each role answers. */
export function countAnswers(answers: readonly (RowAnswer | undefined)[]): Record<RowAnswer["role"], number> {
  const counts = { champion: 0, challenger: 0 };
  for (const answer of answers) if (answer !== undefined) counts[answer.role]++;
  return counts;
}

function textAt({ results }: RowsSaid, row: number): string | undefined {
  const result = results[row];
  return typeof result === "string" ? result : undefined;
}

interface Said {
  readonly role: Role;
  readonly outputs: string;
  readonly parts: RowSegments | undefined;
}

/** Concatenated, since the outputs are JSON already. */
function rivalText(digest: ModelDigest, { role, outputs, parts }: Said): string {
  const end = parts === undefined ? "}" : `,"segments":${JSON.stringify(parts)}}`;
  return `{"digest":"${digest}","role":"${role}","outputs":${outputs}${end}`;
}
