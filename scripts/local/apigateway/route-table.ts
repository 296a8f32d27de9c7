/** A method and where it stands. */
export interface Route<Method> {
  /** E.g. `/models/{name}/{rest+}`. */
  readonly resourcePath: string;
  /** `GET`, … or `ANY`. */
  readonly httpMethod: string;
  readonly method: Method;
}

export interface RouteMatch<Method> extends Route<Method> {
  /** Percent-decoded; a greedy one holds its slashes. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

export interface RouteTable<Method> {
  /** @param path - as sent, percent-encoded, without the query; trailing slashes mean nothing. */
  match(httpMethod: string, path: string): RouteMatch<Method> | undefined;
}

/**
 * Find the method for a request as API Gateway does: at each segment a literal comes before `{name}`, and that before
 * `{name+}`; on one resource the method itself comes before `ANY`.
 *
 * A resource without the method asked for is passed over, so `/{proxy+}` takes what more special resources leave.
 */
export function createRouteTable<Method>(routes: readonly Route<Method>[]): RouteTable<Method> {
  const root = createNode<Method>();
  for (const route of routes) {
    let node = root;
    for (const segment of splitPath(route.resourcePath)) node = descend(node, segment);
    node.methods.set(route.httpMethod, route);
  }
  return {
    match(httpMethod, path) {
      const segments = splitPath(path);
      const found = find(root, { segments, httpMethod }, 0);
      if (found === undefined) return undefined;
      return { ...found, pathParameters: readParameters(found.resourcePath, segments) };
    },
  };
}

interface Node<Method> {
  readonly literals: Map<string, Node<Method>>;
  /** AWS takes one `{name}` and one `{name+}` below a resource. */
  parameter?: Node<Method>;
  greedy?: Node<Method>;
  readonly methods: Map<string, Route<Method>>;
}

function createNode<Method>(): Node<Method> {
  return { literals: new Map(), methods: new Map() };
}

function descend<Method>(node: Node<Method>, segment: string): Node<Method> {
  if (/^\{.+\+\}$/.test(segment)) {
    node.greedy ??= createNode();
    return node.greedy;
  }
  if (/^\{.+\}$/.test(segment)) {
    node.parameter ??= createNode();
    return node.parameter;
  }
  const next = node.literals.get(segment) ?? createNode();
  node.literals.set(segment, next);
  return next;
}

interface Wanted {
  readonly segments: readonly string[];
  readonly httpMethod: string;
}

function find<Method>(node: Node<Method>, wanted: Wanted, depth: number): Route<Method> | undefined {
  const segment = wanted.segments[depth];
  if (segment === undefined) return methodOf(node, wanted.httpMethod);
  const literal = node.literals.get(decode(segment));
  const found = literal && find(literal, wanted, depth + 1);
  if (found !== undefined) return found;
  if (segment !== "" && node.parameter !== undefined) {
    const below = find(node.parameter, wanted, depth + 1);
    if (below !== undefined) return below;
  }
  return node.greedy && methodOf(node.greedy, wanted.httpMethod);
}

function methodOf<Method>(node: Node<Method>, httpMethod: string): Route<Method> | undefined {
  return node.methods.get(httpMethod) ?? node.methods.get("ANY");
}

function readParameters(resourcePath: string, segments: readonly string[]): Record<string, string> {
  const parameters = splitPath(resourcePath).flatMap((segment, i) => {
    const [, name, greedy] = /^\{(.+?)(\+?)\}$/.exec(segment) ?? [];
    if (name === undefined) return [];
    const value = greedy === "+" ? segments.slice(i).join("/") : (segments[i] ?? "");
    return [[name, decode(value)] as const];
  });
  return Object.fromEntries(parameters);
}

function splitPath(path: string): string[] {
  const trimmed = path.replace(/^\/|\/+$/g, "");
  return trimmed === "" ? [] : trimmed.split("/");
}

/** What is no percent-encoding stays as it was sent. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
