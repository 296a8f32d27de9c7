// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub writes its placeholders so
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { orderResources } from "../../../../scripts/local/cloudformation/resource-order.ts";

const resource = (Properties: Record<string, unknown>, DependsOn: string[] = []) => ({
  Type: "T",
  Properties,
  DependsOn,
});

describe("orderResources", () => {
  it("sees references of every kind", () => {
    const order = orderResources({
      ByRef: resource({ a: [{ b: { Ref: "E" } }] }),
      ByGetAtt: resource({ a: { "Fn::GetAtt": ["D", "Arn"] } }),
      ByDottedGetAtt: resource({ a: { "Fn::GetAtt": "C.Arn" } }),
      BySub: resource({
        a: { "Fn::Sub": ["${B.Arn}-${own}-${AWS::Region}-${!Not}", { own: { Ref: "A" } }] },
      }),
      ByDependsOn: resource({}, ["BySub"]),
      ...{ A: resource({}), B: resource({}), C: resource({}), D: resource({}), E: resource({}) },
    });
    expect(order).toEqual([
      "E",
      "ByRef",
      "D",
      "ByGetAtt",
      "C",
      "ByDottedGetAtt",
      "B",
      "A",
      "BySub",
      "ByDependsOn",
    ]);
  });

  it("shows the way round a circle", () => {
    const circle = {
      A: resource({ a: { Ref: "B" } }),
      B: resource({}, ["C"]),
      C: resource({ a: { Ref: "A" } }),
    };
    expect(() => orderResources(circle)).toThrow("in a circle: A -> B -> C -> A");
  });

  it("puts every resource after what it refers to, whatever the graph", () => {
    // An edge from a larger to a smaller number can make no circle.
    const edges = fc.array(fc.tuple(fc.nat(30), fc.nat(30)).filter(([from, to]) => from > to));
    fc.assert(
      fc.property(
        edges,
        fc.shuffledSubarray(
          Array.from({ length: 31 }, (_, id) => id),
          { minLength: 31 },
        ),
        (pairs, ids) => {
          const entries = ids.map((id) => {
            const uses = pairs.filter(([from]) => from === id).map(([, to]) => ({ Ref: `R${to}` }));
            return [`R${id}`, resource({ uses })] as const;
          });
          const order = orderResources(Object.fromEntries(entries));
          expect(order.toSorted()).toEqual(ids.map((id) => `R${id}`).toSorted());
          for (const [from, to] of pairs)
            expect(order.indexOf(`R${to}`)).toBeLessThan(order.indexOf(`R${from}`));
        },
      ),
    );
  });
});
