/** A differentiable function: gives its value at `x` and writes its gradient there. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface MinimiseOptions {
  /** @default 200 */
  readonly maxIterations?: number;
  /** Done when no element of the gradient is greater than this. @default 1e-6 */
  readonly tolerance?: number;
  /** How many steps back the curvature is remembered. @default 10 */
  readonly memory?: number;
  /** Called after each iteration. */
  readonly onIteration?: (iteration: number, value: number) => void;
}

export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  readonly iterations: number;
  /** Whether the gradient came down to the tolerance. */
  readonly isConverged: boolean;
}

/** One step: how far it went and by how much the gradient changed. */
interface Step {
  readonly moved: Float64Array;
  readonly turned: Float64Array;
  readonly curvature: number;
}

/**
 * Minimise a smooth function by L-BFGS with a backtracking line search, from `start`.
 *
 * Deterministic: equal functions and starts give equal minima, bit for bit.
 *
 * @see Nocedal and Wright, Numerical Optimization, 2nd edition, algorithms 3.1 and 7.4
 */
export function minimise(objective: Objective, start: Float64Array, options: MinimiseOptions = {}): Minimum {
  const { maxIterations = 200, tolerance = 1e-6, memory = 10, onIteration } = options;
  let x = start.slice();
  let gradient = new Float64Array(x.length);
  let value = objective(x, gradient);
  const steps: Step[] = [];
  for (let iteration = 1; iteration <= maxIterations; iteration += 1) {
    if (greatest(gradient) <= tolerance) return { x, value, iterations: iteration - 1, isConverged: true };
    const next = search(objective, { x, value, gradient, direction: descent(gradient, steps) });
    // No step is downhill any more: the value is exact to its last bits.
    if (next === undefined) return { x, value, iterations: iteration - 1, isConverged: false };
    remember(steps, stepBetween({ x, gradient }, next), memory);
    ({ x, value, gradient } = next);
    onIteration?.(iteration, value);
  }
  return { x, value, iterations: maxIterations, isConverged: greatest(gradient) <= tolerance };
}

interface Point {
  readonly x: Float64Array<ArrayBuffer>;
  readonly value: number;
  readonly gradient: Float64Array<ArrayBuffer>;
}

/** Share of what the slope promises that a step has to give (Armijo's condition). */
const sufficientDecrease = 1e-4;
const maxHalvings = 40;

function search(
  objective: Objective,
  { x, value, gradient, direction }: Point & { readonly direction: Float64Array },
): Point | undefined {
  const slope = dot(gradient, direction);
  let length = 1;
  for (let halving = 0; halving < maxHalvings; halving += 1, length /= 2) {
    const there = x.map((each, i) => each + length * direction[i]!);
    const gradientThere = new Float64Array(x.length);
    const valueThere = objective(there, gradientThere);
    if (valueThere <= value + sufficientDecrease * length * slope && valueThere < value)
      return { x: there, value: valueThere, gradient: gradientThere };
  }
  return undefined;
}

/** The direction down by the curvature of the last steps; along the gradient, one long, where there are none. */
function descent(gradient: Float64Array, steps: readonly Step[]): Float64Array {
  const direction = gradient.map((each) => -each);
  const last = steps.at(-1);
  if (last === undefined) return direction.map((each) => each / Math.sqrt(dot(gradient, gradient)));
  const shares = steps.map(() => 0);
  for (let i = steps.length - 1; i >= 0; i -= 1) {
    const { moved, turned, curvature } = steps[i]!;
    shares[i] = dot(moved, direction) / curvature;
    add(direction, turned, -shares[i]!);
  }
  const scale = last.curvature / dot(last.turned, last.turned);
  for (let i = 0; i < direction.length; i += 1) direction[i]! *= scale;
  steps.forEach(({ moved, turned, curvature }, i) => {
    add(direction, moved, shares[i]! - dot(turned, direction) / curvature);
  });
  return direction;
}

function stepBetween(from: Pick<Point, "x" | "gradient">, to: Point): Step {
  const moved = to.x.map((each, i) => each - from.x[i]!);
  const turned = to.gradient.map((each, i) => each - from.gradient[i]!);
  return { moved, turned, curvature: dot(moved, turned) };
}

/** A step without positive curvature would turn the direction uphill. */
function remember(steps: Step[], step: Step, memory: number): void {
  if (step.curvature <= 1e-12 * dot(step.turned, step.turned)) return;
  steps.push(step);
  if (steps.length > memory) steps.shift();
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += a[i]! * b[i]!;
  return sum;
}

function add(to: Float64Array, what: Float64Array, times: number): void {
  for (let i = 0; i < to.length; i += 1) to[i]! += times * what[i]!;
}

function greatest(values: Float64Array): number {
  return values.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
}
