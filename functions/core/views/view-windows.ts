import type { Aggregate } from "../../contract/view.ts";
import type { ViewProgram, ViewShape } from "./view-program.ts";

/** The windows of one lookup: what is asked of one is asked of tiles merged once. */
export interface LookupWindows {
  readonly lookup: number;
  /** Position of the view. */
  readonly view: number;
  readonly shape: ViewShape;
  readonly windows: readonly {
    readonly tiles: number;
    readonly features: readonly { readonly position: number; readonly agg: Aggregate }[];
  }[];
}

export function windowsByLookup({ views, lookups, windows }: ViewProgram): readonly LookupWindows[] {
  return lookups.map(({ view }, lookup) => {
    const shape = views[view]!;
    const features = windows.flatMap(({ agg, windowMs, ...each }, position) =>
      each.lookup === lookup ? [{ position, agg, tiles: windowMs / shape.tileMs }] : [],
    );
    const lengths = [...new Set(features.map(({ tiles }) => tiles))].sort((a, b) => a - b);
    return {
      lookup,
      view,
      shape,
      windows: lengths.map((tiles) => ({ tiles, features: features.filter((each) => each.tiles === tiles) })),
    };
  });
}
