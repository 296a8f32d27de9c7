import fc from "fast-check";

/**
 * Requests that are right as far as their form goes, in the part of DynamoDB that dynalite follows it in.
 *
 * Left out, because dynalite departs from DynamoDB there: equality of lists and maps, order of what has none, strings
 * beyond ASCII (it counts UTF-16 units), binary that is no text, BOOL false (its `attribute_type` takes it for
 * missing), and more than one position of a list in one update (it removes them one after another).
 */
export interface ArbitraryRequest {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

type Value = Readonly<Record<string, unknown>>;

const text = fc.stringMatching(/^[a-c]{1,3}$/);
const number = fc
  .tuple(fc.integer({ min: -999, max: 999 }), fc.integer({ min: -4, max: 4 }))
  .map(([digits, exponent]) => `${digits}e${exponent}`);
const binary = text.map((each) => Buffer.from(each).toString("base64"));
const setOf = (member: fc.Arbitrary<string>) => fc.uniqueArray(member, { minLength: 1, maxLength: 4 });

const scalar: fc.Arbitrary<Value> = fc.oneof(
  text.map((S) => ({ S })),
  { weight: 3, arbitrary: number.map((N) => ({ N })) },
  binary.map((B) => ({ B })),
);
const set: fc.Arbitrary<Value> = fc.oneof(
  setOf(text).map((SS) => ({ SS })),
  setOf(fc.integer({ min: -5, max: 5 }).map(String)).map((NS) => ({ NS })),
  setOf(binary).map((BS) => ({ BS })),
);
const flat = fc.oneof(
  { weight: 4, arbitrary: scalar },
  set,
  fc.constant({ BOOL: true }),
  fc.constant({ NULL: true }),
);
const attribute = fc.constantFrom("x", "y", "z");
const value: fc.Arbitrary<Value> = fc.oneof(
  { weight: 4, arbitrary: flat },
  fc.array(flat, { maxLength: 4 }).map((L) => ({ L })),
  fc.dictionary(attribute, flat, { maxKeys: 3 }).map((M) => ({ M })),
);

const itemAttributes = fc
  .tuple(fc.dictionary(attribute, value, { minKeys: 2 }), number)
  .map(([attributes, N]) => ({ ...attributes, n: { N } }));

/** An expression with what its placeholders stand for. */
interface Expression {
  readonly text: string;
  readonly names: readonly string[];
  readonly values: readonly Value[];
}

/** Placeholders are `#?` and `:?` until the whole request is put together. */
const path: fc.Arbitrary<Expression> = fc.oneof(
  { weight: 4, arbitrary: attribute.map((name) => ({ text: "#?", names: [name], values: [] })) },
  fc.tuple(attribute, attribute).map((names) => ({ text: "#?.#?", names, values: [] })),
  fc
    .tuple(attribute, fc.nat(3))
    .map(([name, position]) => ({ text: `#?[${position}]`, names: [name], values: [] })),
);

/** What every put item has, a number. */
const counter = fc.constant<Expression>({ text: "n", names: [], values: [] });

function join(texts: TemplateStringsArray, ...parts: readonly Expression[]): Expression {
  return {
    text: texts.reduce((total, each, i) => total + parts[i - 1]!.text + each),
    names: parts.flatMap(({ names }) => names),
    values: parts.flatMap(({ values }) => values),
  };
}

function infix(left: Expression, sign: string, right: Expression): Expression {
  return { ...join`${left}${right}`, text: `${left.text} ${sign} ${right.text}` };
}

const literal = (each: Value): Expression => ({ text: ":?", names: [], values: [each] });
const scalarLiteral = scalar.map(literal);
const typeName = fc.constantFrom("S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M");

const comparison: fc.Arbitrary<Expression> = fc.oneof(
  fc
    .tuple(path, fc.constantFrom("=", "<>"), fc.oneof(scalar, set).map(literal))
    .map(([left, sign, right]) => infix(left, sign, right)),
  fc
    .tuple(path, fc.constantFrom("<", "<=", ">", ">="), scalarLiteral, fc.boolean())
    .map(([left, sign, right, isTurned]) => (isTurned ? infix(right, sign, left) : infix(left, sign, right))),
  fc
    .tuple(path, fc.integer({ min: -9, max: 9 }), fc.nat(9))
    .map(
      ([operand, from, width]) =>
        join`${operand} BETWEEN ${literal({ N: String(from) })} AND ${literal({ N: String(from + width) })}`,
    ),
  fc.tuple(path, scalarLiteral, scalarLiteral).map(([operand, a, b]) => join`${operand} IN (${a}, ${b})`),
  path.map((operand) => join`attribute_exists(${operand})`),
  path.map((operand) => join`attribute_not_exists(${operand})`),
  fc.tuple(path, typeName).map(([operand, S]) => join`attribute_type(${operand}, ${literal({ S })})`),
  fc
    .tuple(
      path,
      fc.oneof(
        text.map((S) => ({ S })),
        binary.map((B) => ({ B })),
      ),
    )
    .map(([operand, part]) => join`begins_with(${operand}, ${literal(part)})`),
  fc.tuple(path, scalarLiteral).map(([operand, part]) => join`contains(${operand}, ${part})`),
  fc.tuple(path, fc.nat(4)).map(([operand, N]) => join`size(${operand}) <= ${literal({ N: String(N) })}`),
);

const condition: fc.Arbitrary<Expression> = fc.letrec<{ condition: Expression }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    comparison,
    fc.tuple(tie("condition"), tie("condition")).map(([a, b]) => join`${a} AND ${b}`),
    fc.tuple(tie("condition"), tie("condition")).map(([a, b]) => join`${a} or ${b}`),
    tie("condition").map((each) => join`NOT (${each})`),
    fc.tuple(tie("condition"), comparison).map(([a, b]) => join`(${a}) AND ${b}`),
  ),
})).condition;

const setValue: fc.Arbitrary<Expression> = fc.oneof(
  { weight: 3, arbitrary: value.map(literal) },
  path,
  fc
    .tuple(fc.oneof(path, counter), fc.constantFrom("+", "-"), number)
    .map(([left, sign, N]) => infix(left, sign, literal({ N }))),
  fc.tuple(path, value).map(([left, each]) => join`if_not_exists(${left}, ${literal(each)})`),
  fc
    .tuple(path, fc.array(flat, { maxLength: 2 }))
    .map(([left, L]) => join`list_append(if_not_exists(${left}, ${literal({ L: [] })}), ${literal({ L })})`),
);

/** One action for each of some attributes, so that no two paths overlap. */
const update: fc.Arbitrary<Expression> = fc
  .uniqueArray(attribute, { minLength: 1, maxLength: 2 })
  .chain((attributes) => fc.tuple(...attributes.map(actionOn)))
  .map((actions) => {
    const sections = Map.groupBy(actions, ({ section }) => section);
    const texts = [...sections].map(
      ([section, within]) => `${section} ${within.map(({ action }) => action.text).join(", ")}`,
    );
    const inOrder = [...sections.values()].flat().map(({ action }) => action);
    return {
      text: texts.join(" "),
      names: inOrder.flatMap(({ names }) => names),
      values: inOrder.flatMap(({ values }) => values),
    };
  });

function actionOn(name: string): fc.Arbitrary<{ readonly section: string; readonly action: Expression }> {
  const target = fc.oneof(
    { weight: 6, arbitrary: fc.constant({ text: "#?", names: [name], values: [] }) },
    attribute.map((within) => ({ text: "#?.#?", names: [name, within], values: [] })),
    fc.nat(4).map((position) => ({ text: `#?[${position}]`, names: [name], values: [] })),
  );
  return fc.oneof(
    {
      weight: 3,
      arbitrary: fc
        .tuple(target, setValue)
        .map(([to, from]) => ({ section: "SET", action: join`${to} = ${from}` })),
    },
    target.map((action) => ({ section: "REMOVE", action })),
    fc
      .tuple(
        target,
        fc.oneof(
          set,
          number.map((N) => ({ N })),
        ),
      )
      .map(([to, each]) => ({ section: "ADD", action: join`${to} ${literal(each)}` })),
    fc.tuple(target, set).map(([to, each]) => ({ section: "DELETE", action: join`${to} ${literal(each)}` })),
  );
}

/** Number the placeholders of a request's expressions, and gather what they stand for. */
function withExpressions(
  input: Readonly<Record<string, unknown>>,
  expressions: Readonly<Record<string, Expression | undefined>>,
): Readonly<Record<string, unknown>> {
  const names: Record<string, string> = {};
  const values: Record<string, Value> = {};
  const texts: Record<string, string> = {};
  for (const [parameter, expression] of Object.entries(expressions)) {
    if (expression === undefined) continue;
    const [nameQueue, valueQueue] = [[...expression.names], [...expression.values]];
    texts[parameter] = expression.text.replace(/[#:]\?/g, (mark) => {
      const isName = mark === "#?";
      const placeholder = `${mark[0]}${Object.keys(isName ? names : values).length}p`;
      if (isName) names[placeholder] = nameQueue.shift()!;
      else values[placeholder] = valueQueue.shift()!;
      return placeholder;
    });
  }
  return {
    ...input,
    ...texts,
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  };
}

const sortKeys = {
  S: ["a", "ab", "b", "c"],
  N: ["-1e1", "-1", "0.25", "1e1"],
  B: ["YQ==", "YWI=", "Yg==", "//8="],
} as const;

/** Requests on a table with partition key `pk`, a string, and sort key `sk` of a type. */
export function arbitraryRequest(
  TableName: string,
  sortType: "S" | "N" | "B",
): fc.Arbitrary<ArbitraryRequest> {
  // Few, so that requests meet.
  const sortKey = fc.constantFrom(...sortKeys[sortType]).map((each): Value => ({ [sortType]: each }));
  const partitionKey = fc.constantFrom("p", "q").map((S) => ({ S }));
  const Key = fc.record({ pk: partitionKey, sk: sortKey });
  const base = fc.record({
    TableName: fc.constant(TableName),
    ReturnConsumedCapacity: fc.constantFrom("TOTAL", "INDEXES", "NONE"),
  });
  /** Present in half of the requests. */
  const some = <Each>(arbitrary: fc.Arbitrary<Each>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
  const projection = fc
    .uniqueArray(attribute, { minLength: 1, maxLength: 3 })
    .chain((names) =>
      fc.tuple(
        ...names.map((name) =>
          fc.constantFrom<Expression>(
            { text: "#?", names: [name], values: [] },
            { text: "#?.#?", names: [name, "x"], values: [] },
            { text: "#?[1]", names: [name], values: [] },
          ),
        ),
      ),
    )
    .map((paths) => ({
      text: paths.map((each) => each.text).join(", "),
      names: paths.flatMap(({ names }) => names),
      values: [],
    }));
  const sortCondition: fc.Arbitrary<Expression | undefined> = fc.oneof(
    fc.constant(undefined),
    fc
      .tuple(fc.constantFrom("=", "<", "<=", ">", ">="), sortKey)
      .map(([sign, each]) => ({ text: `sk ${sign} :?`, names: [], values: [each] })),
    ...(sortType === "N"
      ? []
      : [sortKey.map((each) => ({ text: "begins_with(sk, :?)", names: [], values: [each] }))]),
  );
  const keyCondition = fc
    .tuple(partitionKey.map(literal), sortCondition)
    .map(([pk, sk]) => (sk === undefined ? join`pk = ${pk}` : join`pk = ${pk} AND ${sk}`));
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .tuple(base, Key, itemAttributes, some(condition), fc.constantFrom("NONE", "ALL_OLD"))
        .map(([input, key, rest, ConditionExpression, ReturnValues]) => ({
          operation: "PutItem",
          input: withExpressions(
            { ...input, Item: { ...rest, ...key }, ReturnValues },
            { ConditionExpression },
          ),
        })),
    },
    {
      weight: 6,
      arbitrary: fc
        .tuple(
          base,
          Key,
          fc.option(update, { nil: undefined }),
          some(condition),
          fc.constantFrom("NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"),
        )
        .map(([input, key, UpdateExpression, ConditionExpression, ReturnValues]) => ({
          operation: "UpdateItem",
          input: withExpressions(
            { ...input, Key: key, ReturnValues },
            { UpdateExpression, ConditionExpression },
          ),
        })),
    },
    fc
      .tuple(base, Key, some(condition), fc.constantFrom("NONE", "ALL_OLD"))
      .map(([input, key, ConditionExpression, ReturnValues]) => ({
        operation: "DeleteItem",
        input: withExpressions({ ...input, Key: key, ReturnValues }, { ConditionExpression }),
      })),
    fc
      .tuple(base, Key, fc.boolean(), some(projection))
      .map(([input, key, ConsistentRead, ProjectionExpression]) => ({
        operation: "GetItem",
        input: withExpressions({ ...input, Key: key, ConsistentRead }, { ProjectionExpression }),
      })),
    {
      weight: 3,
      arbitrary: fc
        .tuple(
          base,
          keyCondition,
          some(condition),
          some(projection),
          fc.boolean(),
          some(fc.integer({ min: 1, max: 3 })),
        )
        .map(
          ([
            input,
            KeyConditionExpression,
            FilterExpression,
            ProjectionExpression,
            ScanIndexForward,
            Limit,
          ]) => ({
            operation: "Query",
            input: withExpressions(
              { ...input, ScanIndexForward, Limit },
              { KeyConditionExpression, FilterExpression, ProjectionExpression },
            ),
          }),
        ),
    },
    fc.tuple(base, some(condition)).map(([input, FilterExpression]) => ({
      operation: "Scan",
      input: withExpressions(input, { FilterExpression }),
    })),
  );
}
