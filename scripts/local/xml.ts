/** A value that {@link toXml} can write; undefined leaves the element out, an array repeats it as `<member>`. */
export type XmlValue =
  | string
  | number
  | boolean
  | undefined
  | readonly XmlValue[]
  | { readonly [name: string]: XmlValue };

/**
 * Write a value as the content of an element, in the list style of AWS's query protocol.
 *
 * @example
 * toXml({ Stacks: [{ StackName: "a" }] }); // <Stacks><member><StackName>a</StackName></member></Stacks>
 */
export function toXml(value: XmlValue): string {
  if (value === undefined) return "";
  if (typeof value !== "object") return escapeXml(String(value));
  if (isList(value)) return value.map((item) => `<member>${toXml(item)}</member>`).join("");
  return Object.entries(value)
    .filter(([, content]) => content !== undefined)
    .map(([name, content]) => `<${name}>${toXml(content)}</${name}>`)
    .join("");
}

/** Escape text for element content; characters that XML 1.0 forbids become the replacement character. */
export function escapeXml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML 1.0 has no way to write
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
      .replaceAll("\r", "&#13;")
  );
}

function isList(value: object): value is readonly XmlValue[] {
  return Array.isArray(value);
}
