import type { ModelDigest } from "../../contract/ids.ts";
import type { Role } from "../../contract/ledger.ts";
import type { Rival } from "../../contract/rival.ts";
import type { Answerer } from "../prediction/prediction-builder.ts";
import { isChallengersEntity } from "./route.ts";

/** The one answer to each row, and what another version said of it: what a prediction builder takes. */
export interface AnsweredRows {
  /** The outputs as a JSON object's text; undefined for no answer. */
  readonly outputs: readonly (string | undefined)[];
  /** Who answers; undefined for the champion. */
  readonly answerers: readonly (Answerer | undefined)[];
  /** What the other version said, as the JSON text of `contract/rival.ts`; undefined where it said nothing. */
  readonly rivals: readonly (string | undefined)[];
}

/** What one version said of the rows of a chunk. */
export interface RowsSaid {
  readonly digest: ModelDigest;
  /** One per row, in order: its outputs as JSON text; anything else for a row of which it says nothing. */
  readonly results: readonly unknown[];
}

/** An event's part of each declared segment, by the segment's name. */
export type RowSegments = Rival["segments"];

export interface AnswerRowsOptions {
  readonly champion: RowsSaid;
  readonly challenger: RowsSaid & { readonly share: number };
  /** What routes each row: its entity, or the event's id. */
  readonly entities: readonly string[];
  /** Each row's segments; undefined where the package declares none. */
  readonly segments: readonly RowSegments[];
}

/**
 * Decide who answers each row of a chunk that the champion and a challenger have scored.
 *
 * The challenger answers its share of the entities, wherever it said something; the champion answers all else. A row
 * that the champion is to answer and says nothing of has no answer, whatever the challenger said.
 */
export function answerRows({ champion, challenger, entities, segments }: AnswerRowsOptions): AnsweredRows {
  const challengerAnswers: Answerer = { digest: challenger.digest, role: "challenger" };
  const outputs: (string | undefined)[] = [];
  const answerers: (Answerer | undefined)[] = [];
  const rivals: (string | undefined)[] = [];
  for (let row = 0; row < entities.length; row++) {
    const first = textAt(champion, row);
    const second = textAt(challenger, row);
    const isChallengers =
      second !== undefined && isChallengersEntity(entities[row]!, challenger.digest, challenger.share);
    const [answer, other, by, role] = isChallengers
      ? ([second, first, champion.digest, "champion"] as const)
      : ([first, second, challenger.digest, "challenger"] as const);
    outputs.push(answer);
    answerers.push(isChallengers ? challengerAnswers : undefined);
    rivals.push(
      answer === undefined || other === undefined
        ? undefined
        : rivalText(by, { role, outputs: other, segments: segments[row] }),
    );
  }
  return { outputs, answerers, rivals };
}

function textAt({ results }: RowsSaid, row: number): string | undefined {
  const result = results[row];
  return typeof result === "string" ? result : undefined;
}

interface Said {
  readonly role: Role;
  readonly outputs: string;
  readonly segments: RowSegments;
}

/** Concatenated, since the outputs are JSON already. */
function rivalText(digest: ModelDigest, { role, outputs, segments }: Said): string {
  const end = segments === undefined ? "}" : `,"segments":${JSON.stringify(segments)}}`;
  return `{"digest":"${digest}","role":"${role}","outputs":${outputs}${end}`;
}
