import type { LoadedModel } from "../inference/loaded-model.ts";
import { hasSameInputs } from "./compatible.ts";

/**
 * Whether a row encoded for one version can be run by another as it stands: the same bytes of every event, for inputs of
 * the same types and widths in the same order, whatever the models call them.
 */
export function takeSameRows(
  a: Pick<LoadedModel, "package" | "program">,
  b: Pick<LoadedModel, "package" | "program">,
): boolean {
  const [ours, theirs] = [a, b].map(({ program }) => program.encoder.layout);
  return (
    hasSameInputs(a.package, b.package) &&
    ours!.inputs.length === theirs!.inputs.length &&
    ours!.inputs.every(({ type, width }, i) => {
      const other = theirs!.inputs[i]!;
      return type === other.type && width === other.width;
    })
  );
}
