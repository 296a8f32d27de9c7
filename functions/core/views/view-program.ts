import { secondsOf } from "../../contract/duration.ts";
import { isViewFeature, type ViewFeature } from "../../contract/feature.ts";
import type { ModelPackage } from "../../contract/model-package.ts";
import { isPrivate, type PrivateSource, pathsOf } from "../../contract/package-problems.ts";
import type { Aggregate, View } from "../../contract/view.ts";
import { compileCondition, type Matcher } from "../decode/condition.ts";
import type { FieldIndex } from "../decode/field-index.ts";
import type { Fields } from "../decode/fields.ts";
import type { Problem } from "../features/column.ts";
import type { Observation } from "./tile.ts";
import { viewDigest } from "./view-digest.ts";
import { compileFeed, type FeedReader } from "./view-feed.ts";
import { type Conceal, compileKey, type KeyReader } from "./view-key.ts";
import { topLevelOf } from "./window-plan.ts";

/** A view as its state is kept. */
export interface ViewShape {
  readonly name: string;
  /** Names its state. */
  readonly digest: string;
  readonly tileMs: number;
  readonly latenessMs: number;
  /** Levels 0 to this one are kept. */
  readonly topLevel: number;
  /** The longest window of a feature over it; 0 where no feature is. */
  readonly maxWindowMs: number;
}

/** Where features look a key up: a view, and the paths of the key in the predicting event. */
export interface Lookup {
  /** Position in `views`. */
  readonly view: number;
  readonly paths: readonly string[];
}

/** A windowed feature. */
export interface Windowed {
  readonly name: string;
  readonly feature: ViewFeature;
  /** Position in `lookups`. */
  readonly lookup: number;
  readonly agg: Aggregate;
  readonly windowMs: number;
  /** The feature's number where the window is empty, before its transforms. */
  readonly fallback: number;
}

/** What an event adds to one view. */
export interface Feed extends Observation {
  /** Position in `views`. */
  readonly view: number;
  readonly key: string;
}

export interface Feeds {
  readonly feeds: readonly Feed[];
}

export interface LookupKeys {
  /** One per lookup. */
  readonly keys: readonly string[];
}

/** A package's views and the features over them, compiled. */
export interface ViewProgram {
  /** In the order of the package; views of one definition share their state and are one. */
  readonly views: readonly ViewShape[];
  readonly lookups: readonly Lookup[];
  /** One per windowed feature, in the order of the package. */
  readonly windows: readonly Windowed[];
  /** The longest window; 0 where there is none. */
  readonly maxWindowMs: number;
  /**
   * What an event feeds: nothing where no view is on such events.
   *
   * @param arrivalMs - the event's time in views that name none.
   * @returns the feeds, or every reason why the event cannot feed a view that is on it.
   */
  feedsOf(fields: Fields, arrivalMs: number): Feeds | Problem[];
  /** The keys that an asking event looks up, or every reason why it cannot. */
  lookupsOf(fields: Fields): LookupKeys | Problem[];
  /** The earliest event time that a feature of an event at `timeMs` is computed from. */
  earliestNeeded(timeMs: number): number;
}

/** What of a package the views are compiled from. */
export interface ViewSource extends Pick<ModelPackage, "features" | "views">, PrivateSource {}

export interface ViewOptions {
  /** Needed as soon as a key is private. */
  readonly conceal?: Conceal;
}

/** Compile the views of a package that has no `packageProblems`. */
export function compileViews(pkg: ViewSource, index: FieldIndex, { conceal }: ViewOptions = {}): ViewProgram {
  const names = Object.keys(pkg.views);
  const features = Object.entries(pkg.features).flatMap(([name, feature]) =>
    isViewFeature(feature) ? [{ name, feature }] : [],
  );
  const concealed = names.map((name) => hasPrivateKey(name, pkg));
  const shapes = names.map((name, i) =>
    shapeOf(name, pkg.views[name]!, {
      isConcealed: concealed[i]!,
      windowsMs: features.filter(({ feature }) => feature.view === name).map(windowOf),
    }),
  );
  const { views, viewOf } = mergeShapes(shapes);
  const keyOf = (name: string, paths: readonly string[], whose: string) =>
    compileKey(
      {
        paths,
        name: whose,
        isPrivate: (path) => isPrivate(pkg, path),
        isConcealed: concealed[names.indexOf(name)]!,
        conceal,
      },
      index,
    );
  const feeders = views.map(({ name }): Feeder => {
    const view = pkg.views[name]!;
    return {
      matches: compileCondition(view.on, index),
      key: keyOf(name, pathsOf(view.key), `view "${name}", key`),
      reader: compileFeed(name, view, index),
    };
  });

  const lookups: Lookup[] = [];
  const windows = features.map(({ name, feature }): Windowed => {
    const view = viewOf[names.indexOf(feature.view)]!;
    const paths = pathsOf(feature.key ?? pkg.views[feature.view]!.key);
    let lookup = lookups.findIndex((each) => each.view === view && each.paths.join(" ") === paths.join(" "));
    if (lookup < 0) lookup = lookups.push({ view, paths }) - 1;
    const fallback = feature.default ?? 0;
    return { name, feature, lookup, agg: feature.agg, windowMs: windowOf({ feature }), fallback };
  });
  const lookupKeys = lookups.map(({ view, paths }) =>
    keyOf(views[view]!.name, paths, `key looked up in view "${views[view]!.name}"`),
  );

  return {
    views,
    lookups,
    windows,
    maxWindowMs: Math.max(0, ...windows.map(({ windowMs }) => windowMs)),
    feedsOf,
    lookupsOf,
    earliestNeeded: (timeMs) =>
      Math.min(
        timeMs,
        ...windows.map(({ lookup, windowMs }) =>
          windowStart(views[lookups[lookup]!.view]!, windowMs, timeMs),
        ),
      ),
  };

  function feedsOf(fields: Fields, arrivalMs: number): Feeds | Problem[] {
    let feeds: Feed[] | undefined;
    for (let view = 0; view < feeders.length; view++) {
      const { matches, key, reader } = feeders[view]!;
      if (!matches(fields)) continue;
      const text = key.read(fields);
      if (text === undefined || !reader.isSound(fields)) return explainFeeds(fields);
      const feed = {
        view,
        key: text,
        value: reader.value(fields),
        hit: reader.hit(fields),
        timeMs: reader.timeMs(fields, arrivalMs),
      };
      if (feeds === undefined) feeds = [feed];
      else feeds.push(feed);
    }
    return feeds === undefined ? noFeeds : { feeds };
  }

  function explainFeeds(fields: Fields): Problem[] {
    return feeders.flatMap(({ matches, key, reader }) =>
      matches(fields) ? [...key.explain(fields), ...reader.explain(fields)] : [],
    );
  }

  function lookupsOf(fields: Fields): LookupKeys | Problem[] {
    const keys: string[] = [];
    for (let i = 0; i < lookupKeys.length; i++) {
      const key = lookupKeys[i]!.read(fields);
      if (key === undefined) return lookupKeys.flatMap((each) => each.explain(fields));
      keys.push(key);
    }
    return { keys };
  }
}

/** The instant at which the first tile of a window begins: the first tile that starts after `timeMs` less the window. */
export function windowStart({ tileMs }: Pick<ViewShape, "tileMs">, windowMs: number, timeMs: number): number {
  return Math.floor(timeMs / tileMs) * tileMs + tileMs - windowMs;
}

interface Feeder {
  readonly matches: Matcher;
  readonly key: KeyReader;
  readonly reader: FeedReader;
}

const noFeeds: Feeds = { feeds: [] };

function windowOf({ feature }: { readonly feature: ViewFeature }): number {
  return secondsOf(feature.over) * 1000;
}

function shapeOf(
  name: string,
  view: View,
  { isConcealed, windowsMs }: { isConcealed: boolean; windowsMs: readonly number[] },
): ViewShape {
  const tileMs = secondsOf(view.tile) * 1000;
  const maxWindowMs = Math.max(0, ...windowsMs);
  const topLevel = topLevelOf(maxWindowMs / tileMs);
  const digest = viewDigest(view, { topLevel, isConcealed });
  return { name, digest, tileMs, latenessMs: secondsOf(view.lateness) * 1000, topLevel, maxWindowMs };
}

/** Two views of one definition have one state, which an event must feed once. @returns the distinct ones, and the position of each given one among them. */
function mergeShapes(shapes: readonly ViewShape[]): { views: ViewShape[]; viewOf: number[] } {
  const views: ViewShape[] = [];
  const viewOf = shapes.map((shape) => {
    const known = views.findIndex(({ digest }) => digest === shape.digest);
    if (known < 0) return views.push(shape) - 1;
    const maxWindowMs = Math.max(views[known]!.maxWindowMs, shape.maxWindowMs);
    views[known] = { ...views[known]!, maxWindowMs };
    return known;
  });
  return { views, viewOf };
}

/** Whether a key of the view, its own or one that a feature looks up in it, stands at a private path: then all are concealed, or none would meet. */
function hasPrivateKey(name: string, pkg: ViewSource): boolean {
  const keys = Object.values(pkg.features).flatMap((feature) =>
    isViewFeature(feature) && feature.view === name && feature.key !== undefined ? [feature.key] : [],
  );
  return [pkg.views[name]!.key, ...keys].flatMap(pathsOf).some((path) => isPrivate(pkg, path));
}
