/**
 * The elements of a tensor written as JSON, flat and row-major.
 *
 * @param data - a flat list of all elements, or lists nested exactly by `shape`.
 * @param shape - at least one dimension.
 * @returns `data` itself where it is flat; undefined where it is neither. What the elements are is not looked at,
 *   but that none is a list.
 */
export function flattenTensor(data: unknown, shape: readonly number[]): readonly unknown[] | undefined {
  if (!Array.isArray(data)) return undefined;
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  if (shape.length === 1 || !Array.isArray(data[0])) {
    return data.length === size && isFlat(data) ? data : undefined;
  }
  const flat: unknown[] = [];
  return gather(data, shape, { axis: 0, into: flat }) ? flat : undefined;
}

function isFlat(list: readonly unknown[]): boolean {
  for (let i = 0; i < list.length; i++)
    if (typeof list[i] === "object" && Array.isArray(list[i])) return false;
  return true;
}

function gather(
  list: readonly unknown[],
  shape: readonly number[],
  { axis, into }: { readonly axis: number; readonly into: unknown[] },
): boolean {
  if (list.length !== shape[axis]) return false;
  if (axis < shape.length - 1) {
    return list.every((part) => Array.isArray(part) && gather(part, shape, { axis: axis + 1, into }));
  }
  for (let i = 0; i < list.length; i++) {
    if (Array.isArray(list[i])) return false;
    into.push(list[i]);
  }
  return true;
}
