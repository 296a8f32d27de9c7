import type { LabelValue } from "../../contract/example.ts";
import type { ModelPackage } from "../../contract/model-package.ts";
import { isIdPrivate, isPrivate, scoredOutput } from "../../contract/package-problems.ts";
import { compileCondition, type Matcher } from "../decode/condition.ts";
import type { FieldIndex } from "../decode/field-index.ts";
import { describeField, describePrivate, FieldKind, type Fields } from "../decode/fields.ts";
import { InvariantError } from "../errors.ts";
import type { Problem } from "../features/column.ts";
import { instantExpected, instantOf } from "../features/readings.ts";
import { idAt, idExpected } from "../prediction/event-identity.ts";
import { compileLabel, compileNativeLabel, type LabelReader } from "./label-reader.ts";

/** The truth about one event that was predicted on. */
export interface OutcomeFact {
  /** The predicted event's id, concealed where it is private. */
  readonly eventId: string;
  /** Epoch milliseconds; undefined where the event says none: its arrival counts. */
  readonly timeMs: number | undefined;
  /** 0 or 1, the position of the class, or the number itself. */
  readonly label: number;
}

/** What a package says about outcomes, compiled. */
export interface OutcomeProgram {
  /** Whether an event carries an outcome for this model: its own, as `outcome.on` has it, or a native one. */
  isOutcome(fields: Fields): boolean;
  /** @returns the outcome, or every reason why the event has none. */
  read(fields: Fields): OutcomeFact | Problem[];
  /** The truth as examples and stored predictions have it: the class itself for the position of one. */
  labelValue(label: number): LabelValue;
}

export interface OutcomeOptions {
  /** What stands for an id that is private. @default for a package with a private id, reading throws */
  readonly conceal?: ((id: string) => string) | undefined;
}

/**
 * Key of a native outcome event, which every model with an outcome understands:
 * `{"$outcome": {"model", "id", "label", "time"?}}`.
 */
export const nativeKey = "$outcome";

/** Compile the outcome of a package. @returns undefined where it declares none. */
export function compileOutcome(
  pkg: ModelPackage,
  index: FieldIndex,
  { conceal = cannotConceal }: OutcomeOptions = {},
): OutcomeProgram | undefined {
  const { outcome } = pkg;
  const scored = scoredOutput(pkg);
  if (outcome === undefined || scored === undefined) return undefined;
  const idOf = isIdPrivate(pkg) ? conceal : (id: string) => id;
  const show = (path: string) => (isPrivate(pkg, path) ? describePrivate : describeField);
  const own = compileRead(
    index,
    { id: outcome.id, label: outcome.label.from, time: outcome.time, needsTime: true },
    compileLabel(outcome.label),
  );
  const native = compileRead(
    index,
    { id: `${nativeKey}.id`, label: `${nativeKey}.label`, time: `${nativeKey}.time`, needsTime: false },
    compileNativeLabel(outcome.label),
  );
  const isOwn: Matcher = compileCondition(outcome.on, index);
  const modelField = index.fieldOf(`${nativeKey}.model`);
  const { classes } = outcome.label;

  return {
    // An event that names a model is that model's alone, whatever else it holds.
    isOutcome: (fields) => (isNative(fields) ? fields.strings[modelField] === pkg.name : isOwn(fields)),
    read: (fields) => (isNative(fields) ? native : own)(fields),
    labelValue: (label) => classes?.[label] ?? label,
  };

  function isNative({ kinds }: Fields): boolean {
    return kinds[modelField] === FieldKind.string;
  }

  function compileRead(index: FieldIndex, paths: OutcomePaths, label: LabelReader) {
    const idField = index.fieldOf(paths.id);
    const labelField = index.fieldOf(paths.label);
    const timeField = paths.time === undefined ? -1 : index.fieldOf(paths.time);

    return (fields: Fields): OutcomeFact | Problem[] => {
      const id = idAt(fields, idField);
      const timeMs = timeAt(fields);
      const value = label.read(fields, labelField);
      if (id !== undefined && !Number.isNaN(timeMs) && typeof value === "number")
        return { eventId: idOf(id), timeMs, label: value };
      const problems: Problem[] = [];
      const refuse = (what: string, at: Place, expected: string, code?: Problem["code"]) =>
        problems.push({
          code: code ?? (fields.kinds[at.field]! <= FieldKind.null ? "input.missing" : "input.type"),
          message: `outcome ${what}: got ${at.show(fields, at.field)} at "${at.path}", expected ${expected}; fix the producer`,
        });
      const hideId = isIdPrivate(pkg) ? describePrivate : show(paths.id);
      if (id === undefined) refuse("id", { path: paths.id, field: idField, show: hideId }, idExpected);
      if (Number.isNaN(timeMs)) {
        const path = paths.time!;
        refuse("time", { path, field: timeField, show: show(path) }, instantExpected);
      }
      if (typeof value !== "number") {
        const at = { path: paths.label, field: labelField, show: show(paths.label) };
        refuse("label", at, label.expects, value.code);
      }
      return problems;
    };

    function timeAt(fields: Fields): number | undefined {
      if (timeField < 0) return undefined;
      if (!paths.needsTime && fields.kinds[timeField]! <= FieldKind.null) return undefined;
      return instantOf(fields, timeField);
    }
  }
}

interface OutcomePaths {
  readonly id: string;
  readonly label: string;
  readonly time: string | undefined;
  /** Whether an event without a time is at fault. */
  readonly needsTime: boolean;
}

interface Place {
  readonly path: string;
  readonly field: number;
  readonly show: (fields: Fields, field: number) => string;
}

function cannotConceal(): never {
  throw new InvariantError(
    "outcome: got a private id and nothing that conceals it; pass conceal when compiling the package",
  );
}
