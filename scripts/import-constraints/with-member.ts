/**
 * Set a member of the outermost object of a JSON text and leave the rest of the text as it is.
 *
 * @param text - valid JSON, an object.
 * @param value - is written with the text's own indentation.
 */
export function withMember(text: string, name: string, value: unknown): string {
  const indent = /^[\t ]+(?=")/m.exec(text)?.[0] ?? "  ";
  const written = JSON.stringify(value, null, indent).replaceAll("\n", `\n${indent}`);
  const member = `${JSON.stringify(name)}: ${written}`;
  const members = membersOf(text);
  const standing = members.find((each) => each.name === name);
  if (standing !== undefined) return text.slice(0, standing.from) + member + text.slice(standing.to);
  const last = members.at(-1);
  if (last !== undefined) return `${text.slice(0, last.to)},\n${indent}${member}${text.slice(last.to)}`;
  const begin = text.indexOf("{") + 1;
  return `${text.slice(0, begin)}\n${indent}${member}\n${text.slice(begin).trimStart()}`;
}

interface Member {
  readonly name: string;
  /** Of its key's opening quote. */
  readonly from: number;
  /** Behind its value. */
  readonly to: number;
}

const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** The members of the outermost object, in order. */
function membersOf(text: string): Member[] {
  const members: Member[] = [];
  let depth = 0;
  let key: { name: string; from: number } | undefined;
  let end = 0;
  const close = () => {
    if (key !== undefined) members.push({ ...key, to: end });
    key = undefined;
  };
  for (const { 0: token, index } of text.matchAll(tokens)) {
    if (token === "}" || token === "]") depth--;
    if (depth === 1 && token === ",") close();
    else if (depth === 0) close();
    else if (depth === 1 && key === undefined && token.startsWith('"'))
      key = { name: JSON.parse(token), from: index };
    if (token === "{" || token === "[") depth++;
    end = index + token.length;
  }
  return members;
}
