import { type AttributeValue, attributeOf, type Item, typeOf } from "../attribute-value.ts";
import { invalid } from "../errors.ts";
import { addNumbers } from "../number.ts";
import { valueAt } from "./document-path.ts";
import type { SetValue, UpdateAction } from "./parse-update.ts";

/**
 * @param item - what stands, or the key alone; it stays as it is.
 * @returns the item as updated. Every right side is read from `item`, whatever order the actions have.
 * @throws {AwsError} `ValidationException` when an action does not fit what stands.
 */
export function applyUpdate(item: Item, actions: readonly UpdateAction[]): Item {
  const draft: Draft = { M: actions.some(({ path }) => path.length > 1) ? cloneMap(item) : { ...item } };
  const touchedLists = new Set<DraftList>();
  for (const action of actions) {
    const slot = findSlot(draft, action.path);
    if ("list" in slot) touchedLists.add(slot.list);
    const written = writtenBy(action, item, slot.read());
    if (written === undefined) slot.remove();
    else slot.write(written);
  }
  // Positions name what stood before the update, so that a list closes its gaps only now.
  for (const list of touchedLists) closeGaps(list);
  return draft.M as Item;
}

/** @returns undefined where nothing is to stand. */
function writtenBy(
  action: UpdateAction,
  item: Item,
  standing: AttributeValue | undefined,
): AttributeValue | undefined {
  switch (action.kind) {
    case "REMOVE":
      return undefined;
    case "SET":
      return evaluate(action.value, item);
    case "ADD": {
      if (standing === undefined) return action.value;
      const type = typeOf(action.value);
      if (type !== typeOf(standing)) throw wrongOperand();
      if (type === "N") return { N: addNumbers(standing.N!, action.value.N!) };
      return { [type]: [...new Set([...membersOf(standing), ...membersOf(action.value)])] };
    }
    case "DELETE": {
      if (standing === undefined) return undefined;
      const type = typeOf(action.value);
      if (type !== typeOf(standing)) throw wrongOperand();
      const gone = new Set(membersOf(action.value));
      const left = membersOf(standing).filter((member) => !gone.has(member));
      return left.length === 0 ? undefined : { [type]: left };
    }
  }
}

function evaluate(value: SetValue, item: Item): AttributeValue {
  switch (value.kind) {
    case "value":
      return value.value;
    case "path":
      return valueAt(item, value.path) ?? refuseMissing();
    case "if_not_exists":
      return valueAt(item, value.path) ?? evaluate(value.otherwise, item);
    case "list_append": {
      const [left, right] = [evaluate(value.left, item).L, evaluate(value.right, item).L];
      if (left === undefined || right === undefined) throw wrongOperand();
      return { L: [...left, ...right] };
    }
    default: {
      const [left, right] = [evaluate(value.left, item).N, evaluate(value.right, item).N];
      if (left === undefined || right === undefined) throw wrongOperand();
      return { N: addNumbers(left, right, { subtract: value.kind === "-" }) };
    }
  }
}

function membersOf(set: AttributeValue): readonly string[] {
  return set.SS ?? set.NS ?? set.BS ?? [];
}

function refuseMissing(): never {
  throw invalid("The provided expression refers to an attribute that does not exist in the item");
}

function wrongOperand() {
  return invalid("An operand in the update expression has an incorrect data type");
}

type DraftMap = Record<string, AttributeValue>;
/** With gaps where members were removed, or were set beyond the end. */
type DraftList = AttributeValue[];
interface Draft {
  readonly M?: DraftMap;
  readonly L?: DraftList;
}

interface Slot {
  read(): AttributeValue | undefined;
  write(value: AttributeValue): void;
  remove(): void;
}

/** @throws {AwsError} `ValidationException` where the path leads through what is not there, or is no collection. */
function findSlot(draft: Draft, path: UpdateAction["path"]): Slot | (Slot & { readonly list: DraftList }) {
  const parent = path.slice(0, -1).reduce<Draft | undefined>((at, part) => {
    const member = at && (typeof part === "number" ? at.L?.[part] : at.M && attributeOf(at.M, part));
    // What the draft holds is its own copy.
    return member as Draft | undefined;
  }, draft);
  const last = path.at(-1)!;
  if (typeof last === "number" && parent?.L !== undefined) {
    const list = parent.L;
    return {
      list,
      read: () => list[last],
      write: (value) => {
        list[last] = value;
      },
      remove: () => {
        delete list[last];
      },
    };
  }
  if (typeof last === "string" && parent?.M !== undefined) {
    const map = parent.M;
    return {
      read: () => attributeOf(map, last),
      // A plain assignment to `__proto__` would make no attribute.
      write: (value) =>
        void Object.defineProperty(map, last, {
          value,
          enumerable: true,
          configurable: true,
          writable: true,
        }),
      remove: () => {
        delete map[last];
      },
    };
  }
  throw invalid("The document path provided in the update expression is invalid for update");
}

/** Positions may be far beyond the end, so only those that hold something are looked at. */
function closeGaps(list: DraftList): void {
  const members = Object.values(list);
  list.length = 0;
  for (const member of members) list.push(member);
}

function cloneMap(map: Item): DraftMap {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, cloneValue(value)]));
}

/** Copies what may be written into: maps and lists. */
function cloneValue(value: AttributeValue): AttributeValue {
  if (value.M !== undefined) return { M: cloneMap(value.M) };
  return value.L === undefined ? value : { L: value.L.map(cloneValue) };
}
