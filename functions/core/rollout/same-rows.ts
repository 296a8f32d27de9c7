import type { LoadedModel } from "../inference/loaded-model.ts";
import { hasSameInputs } from "./compatible.ts";

/** To compare two packages costs more than to answer a small request: whom each version was compared with last. */
const compared = new WeakMap<LoadedModel, { readonly other: LoadedModel; readonly isSame: boolean }>();

/**
 * Whether a row encoded for one version can be run by another as it stands: the same bytes of every event, for inputs of
 * the same types and widths in the same order, whatever the models call them.
 */
export function takeSameRows(one: LoadedModel, other: LoadedModel): boolean {
  const known = compared.get(other);
  if (known?.other === one) return known.isSame;
  const isSame = hasSameInputs(one.package, other.package) && layoutOf(one) === layoutOf(other);
  compared.set(other, { other: one, isSame });
  return isSame;
}

function layoutOf({ program }: LoadedModel): string {
  return JSON.stringify(program.encoder.layout.inputs.map(({ type, width }) => [type, width]));
}
