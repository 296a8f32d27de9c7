const iterations = 100;
const goldenRatio = 1.618033988749895;

/**
 * Find the direction in which weighted points differ most: the first principal component, by power iteration.
 *
 * @param points - of one length.
 * @param weights - one per point, not negative.
 * @returns of length 1, the first of its greatest elements positive; all zero when the points do not differ.
 */
export function widestAxis(points: readonly Float64Array[], weights: Float64Array): Float64Array {
  const size = points[0]?.length ?? 0;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const centre = new Float64Array(size);
  points.forEach((point, i) => {
    for (let k = 0; k < size; k += 1) centre[k]! += (weights[i]! * point[k]!) / total;
  });
  const offsets = points.map((point) => point.map((value, k) => value - centre[k]!));
  // Nothing regular about it: a start at right angles to the axis would never turn to it.
  let axis = unit(centre.map((_, k) => (((k + 1) * goldenRatio) % 1) - 0.5));
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    const next = new Float64Array(size);
    offsets.forEach((offset, i) => {
      const along = weights[i]! * dot(offset, axis);
      for (let k = 0; k < size; k += 1) next[k]! += along * offset[k]!;
    });
    axis = unit(next);
  }
  const greatest = axis.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
  return greatest < 0 ? axis.map((value) => -value) : axis;
}

function unit(vector: Float64Array): Float64Array {
  const length = Math.sqrt(squared(vector));
  return length > 0 ? vector.map((value) => value / length) : vector;
}

function squared(vector: Float64Array): number {
  return dot(vector, vector);
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
