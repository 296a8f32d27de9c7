import { DependencyError } from "../../core/errors.ts";

/** One page of S3's list of a bucket. */
export interface ListPage {
  /** Ascending by their UTF-8 bytes. */
  readonly keys: readonly string[];
  /** Whether there are more behind the last of them. */
  readonly isTruncated: boolean;
}

/**
 * Read the keys out of an answer to ListObjectsV2.
 *
 * @throws {DependencyError} `dependency.unavailable` when it is no whole answer.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export function parseListPage(xml: string): ListPage {
  const isTruncated = /<IsTruncated>(true|false)<\/IsTruncated>/.exec(xml)?.[1];
  if (isTruncated === undefined || !xml.trimEnd().endsWith("</ListBucketResult>")) {
    throw new DependencyError(
      `s3 ListObjectsV2: got ${xml.length} characters that are no whole list; ask again`,
      { code: "dependency.unavailable", details: { characters: xml.length } },
    );
  }
  const isUrl = xml.includes("<EncodingType>url</EncodingType>");
  // Only objects have a key: prefixes and owners have names of their own.
  const keys = Array.from(xml.matchAll(/<Key>([^<]*)<\/Key>/g), ([, text]) => {
    const key = unescapeXml(text!);
    // As in a form: a plus is a space.
    return isUrl ? decodeURIComponent(key.replaceAll("+", " ")) : key;
  });
  return { keys, isTruncated: isTruncated === "true" };
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, (whole, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return entities[name] ?? whole;
  });
}
