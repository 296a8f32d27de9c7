import { describe, expect, it } from "vitest";
import { modelPackage } from "../../../functions/contract/model-package.ts";
import { isIdPrivate, isPrivate, privatePaths } from "../../../functions/contract/package-problems.ts";

const outcome = { on: {}, id: "about.trip", label: { from: "delay", above: 15 }, within: "48h" };
const source = (paths: readonly string[]) => ({
  private: [...paths],
  event: { id: "trip.id" },
  outcome: { id: outcome.id },
});

describe("private paths", () => {
  it.each([[["trip"]], [["trip.id"]], [["about.trip"]], [["about"]]])(
    "hold both places of the id where %j is declared",
    (paths) => {
      const pkg = source(paths);
      expect(isIdPrivate(pkg)).toBe(true);
      expect(new Set(privatePaths(pkg))).toEqual(new Set([...paths, "trip.id", "about.trip"]));
      expect(["trip", "trip.id.x", "about.trip"].map((path) => isPrivate(pkg, path))).toEqual([
        true,
        true,
        true,
      ]);
      expect(isPrivate(pkg, "trips")).toBe(false);
    },
  );

  it("are those declared where no id is among them, and none where nothing is", () => {
    expect(privatePaths(source(["trip.identity", "name"]))).toEqual(["trip.identity", "name"]);
    expect(isIdPrivate(source(["trip.identity", "name"]))).toBe(false);
    expect(privatePaths(source([]))).toEqual([]);
    expect(privatePaths({ private: ["a"], event: {} })).toEqual(["a"]);
  });

  it("cannot be features, and neither can an event's id that outcomes name in private", () => {
    const issuesOf = (paths: readonly string[]) => {
      const parsed = modelPackage.safeParse({
        ...{ name: "m", event: { id: "trip" }, outcome, private: paths },
        features: { hashed: { from: "trip", as: { hash: { buckets: 8 } } } },
        outputs: { score: { from: "score" } },
      });
      return parsed.error?.issues.map(({ path, message }) => [path.join("."), message]) ?? [];
    };
    const refused = [["features.hashed.from", expect.stringContaining('"trip" is private')]];
    expect(issuesOf(["trip"])).toEqual(refused);
    expect(issuesOf(["about.trip"])).toEqual(refused);
    expect(issuesOf(["about.name"])).toEqual([]);
  });
});
