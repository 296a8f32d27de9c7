import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makePhysicalName } from "../../../../scripts/local/cloudformation/physical-name.ts";

const first = () => 0;

describe("makePhysicalName", () => {
  it("joins stack, logical id and twelve random characters", () => {
    const name = makePhysicalName({ stackName: "Shop", logicalId: "OrdersA1", maxLength: 64, random: first });
    expect(name).toBe("Shop-OrdersA1-AAAAAAAAAAAA");
  });

  it("cuts long names to the limit and keeps the suffix", () => {
    const name = makePhysicalName({
      stackName: "S".repeat(40),
      logicalId: "L".repeat(40),
      maxLength: 64,
      random: first,
    });
    expect(name).toBe(`${"S".repeat(25)}-${"L".repeat(25)}-AAAAAAAAAAAA`);
  });

  it("makes names that are valid bucket names", () => {
    const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,80}$/);
    fc.assert(
      fc.property(word, word, (stackName, logicalId) => {
        const name = makePhysicalName({ stackName, logicalId, maxLength: 63, lowerCase: true });
        expect(name).toMatch(/^[a-z][a-z0-9-]{1,61}[a-z0-9]$/);
      }),
    );
  });
});
