import { isViewFeature } from "./feature.ts";
import type { ModelPackage } from "./model-package.ts";
import { labelKind } from "./outcome.ts";
import { type KeyPaths, windowProblems } from "./view.ts";

export interface PackageProblem {
  readonly path: PropertyKey[];
  readonly message: string;
}

/** What no single part of a declaration shows: views that are not there, windows that do not fit, private values in use. */
export function packageProblems(pkg: ModelPackage): PackageProblem[] {
  return [...featureProblems(pkg), ...outcomeProblems(pkg), ...privateProblems(pkg)];
}

/** Whether predictions must be stored: where a redelivery would otherwise see other features, or an outcome is to be joined. */
export function storesPredictions({ keep, outcome, views }: ModelPackage): boolean {
  return keep || hasState({ outcome, views });
}

/** Whether the stream function keeps state of its own, which takes one writer per shard. */
export function hasState({ outcome, views }: Pick<ModelPackage, "outcome" | "views">): boolean {
  return outcome !== undefined || Object.keys(views).length > 0;
}

function featureProblems({ features, views }: ModelPackage): PackageProblem[] {
  return Object.entries(features).flatMap(([name, feature]) => {
    if (!isViewFeature(feature)) return [];
    const from = views[feature.view];
    const at = ["features", name];
    if (from === undefined) {
      const known = Object.keys(views).join(", ") || "none";
      return [{ path: [...at, "view"], message: `no such view; views: ${known}` }];
    }
    return windowProblems(feature, from).map((message) => ({ path: at, message }));
  });
}

function outcomeProblems({ event, outcome, outputs }: ModelPackage): PackageProblem[] {
  if (outcome === undefined) return [];
  const problems: PackageProblem[] = [];
  if (event.id === undefined)
    problems.push({
      path: ["event", "id"],
      message: "needed for an outcome, which names the event by its id",
    });
  const scored = Object.entries(outputs).filter(([, output]) => "from" in output);
  const names = scored.map(([name]) => name).join(", ");
  if (outcome.output !== undefined && !scored.some(([name]) => name === outcome.output))
    problems.push({
      path: ["outcome", "output"],
      message: `no such output with "from"; such outputs: ${names}`,
    });
  if (scored.length === 0)
    problems.push({ path: ["outcome"], message: 'needs an output with "from" that it is compared with' });
  return problems;
}

/** An id or a key can stand as its HMAC; anything else would be stored as it is. */
function privateProblems(pkg: ModelPackage): PackageProblem[] {
  const { event, features, views, outcome, segments } = pkg;
  const uses: [string | undefined, PropertyKey[]][] = [
    [event.time, ["event", "time"]],
    [outcome?.time, ["outcome", "time"]],
    [outcome?.label.from, ["outcome", "label", "from"]],
    ...Object.entries(features).map(([name, feature]): [string | undefined, PropertyKey[]] => [
      isViewFeature(feature) ? undefined : feature.from,
      ["features", name, "from"],
    ]),
    ...Object.entries(segments).map(([name, { from }]): [string, PropertyKey[]] => [
      from,
      ["segments", name, "from"],
    ]),
    ...Object.entries(views).flatMap(
      ([name, { value, rate, time }]): [string | undefined, PropertyKey[]][] => [
        [value, ["views", name, "value"]],
        [rate?.from, ["views", name, "rate", "from"]],
        [time, ["views", name, "time"]],
      ],
    ),
  ];
  return uses.flatMap(([path, at]) =>
    path !== undefined && isPrivate(pkg, path)
      ? [
          {
            path: at,
            message: `"${path}" is private, and its value would be stored; only an id, an entity or a view's key can be private`,
          },
        ]
      : [],
  );
}

/** What of a package says what is private. */
export interface PrivateSource extends Pick<ModelPackage, "private"> {
  readonly event?: Pick<ModelPackage["event"], "id">;
  readonly outcome?: Pick<NonNullable<ModelPackage["outcome"]>, "id"> | undefined;
}

/** The paths whose values are not stored: those declared, and where an event's or an outcome's id is among them, both, since one names the other. */
export function privatePaths(pkg: PrivateSource): readonly string[] {
  return isIdPrivate(pkg) ? [...new Set([...pkg.private, ...idPaths(pkg)])] : pkg.private;
}

/** Whether what stands at a path is private: the path is, or stands within one that is, or holds one. */
export function isPrivate(pkg: PrivateSource, path: string): boolean {
  return privatePaths(pkg).some((each) => touches(each, path));
}

/** Whether the ids by which outcomes find their predictions stand concealed: in both, as soon as either is declared. */
export function isIdPrivate(pkg: PrivateSource): boolean {
  return idPaths(pkg).some((id) => pkg.private.some((each) => touches(each, id)));
}

function idPaths({ event, outcome }: PrivateSource): readonly string[] {
  return [event?.id, outcome?.id].filter((path) => path !== undefined);
}

/** Whether two paths are one, or one leads through the other. */
function touches(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
}

/** The paths of a key as a list. */
export function pathsOf(key: KeyPaths): readonly string[] {
  return Array.isArray(key) ? key : [key];
}

/** The output that outcomes are compared with, and the kind of truth. @returns undefined where the package declares no outcome. */
export function scoredOutput({ outcome, outputs }: Pick<ModelPackage, "outcome" | "outputs">) {
  if (outcome === undefined) return undefined;
  const name = outcome.output ?? Object.entries(outputs).find(([, output]) => "from" in output)?.[0];
  return name === undefined ? undefined : { name, kind: labelKind(outcome.label) };
}
