import { describe, expect, it } from "vitest";
import { minimise } from "../../../scripts/train/minimise.ts";

describe("minimise", () => {
  it("finds the valley's end of Rosenbrock's function, which is at (1, 1)", () => {
    const { x, value, isConverged } = minimise(
      ([a, b], gradient) => {
        const [p, q] = [1 - a!, b! - a! * a!];
        gradient[0] = -2 * p - 400 * a! * q;
        gradient[1] = 200 * q;
        return p * p + 100 * q * q;
      },
      Float64Array.of(-1.2, 1),
      { tolerance: 1e-9 },
    );

    expect(isConverged).toBe(true);
    expect(value).toBeLessThan(1e-16);
    expect([...x]).toEqual([expect.closeTo(1, 7), expect.closeTo(1, 7)]);
  });

  it("solves a quadratic of very unequal curvature to what Gaussian elimination gives", () => {
    // ½ Σ c (x - m)², whose minimum is m.
    const curvatures = [1, 10, 1_000, 0.01];
    const middles = [3, -4, 0.5, 20];
    const { x, iterations } = minimise(
      (at, gradient) =>
        at.reduce((sum, each, i) => {
          gradient[i] = curvatures[i]! * (each - middles[i]!);
          return sum + (curvatures[i]! / 2) * (each - middles[i]!) ** 2;
        }, 0),
      new Float64Array(4),
      { tolerance: 1e-10, maxIterations: 500 },
    );

    expect([...x]).toEqual(middles.map((middle) => expect.closeTo(middle, 6)));
    expect(iterations).toBeLessThan(100);
  });

  it("stops at the bound of its iterations and says that it is not there yet", () => {
    const bowl = ([a]: Float64Array, gradient: Float64Array) => {
      gradient[0] = 4 * a! ** 3;
      return a! ** 4;
    };

    const seen: number[] = [];
    const { iterations, isConverged } = minimise(bowl, Float64Array.of(100), {
      maxIterations: 3,
      onIteration: (iteration) => seen.push(iteration),
    });

    expect([iterations, isConverged, seen]).toEqual([3, false, [1, 2, 3]]);
  });

  it("takes a start that is the minimum already for it", () => {
    const { x, iterations, isConverged } = minimise(
      (_, gradient) => gradient.fill(0) && 5,
      Float64Array.of(7),
    );

    expect([[...x], iterations, isConverged]).toEqual([[7], 0, true]);
  });
});
