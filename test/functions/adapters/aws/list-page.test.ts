import { describe, expect, it } from "vitest";
import { parseListPage } from "../../../../functions/adapters/aws/list-page.ts";

const page = (inner: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</ListBucketResult>`;
const object = (key: string) =>
  `<Contents><Key>${key}</Key><LastModified>2009-10-12T17:50:30.000Z</LastModified><Size>1</Size></Contents>`;

describe("a page of a list", () => {
  it("has its keys as S3 escapes them on request: as in a URL's form", () => {
    const xml = page(
      `<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>${object("a/b%2Bc+d%0A%C3%A4")}${object("a/%26amp%3B")}`,
    );
    expect(parseListPage(xml)).toEqual({ keys: ["a/b+c d\nä", "a/&amp;"], isTruncated: true });
  });

  it("has its keys as XML escapes them otherwise", () => {
    const xml = page(
      `<IsTruncated>false</IsTruncated>${object("a&lt;&gt;&amp;&quot;&apos;&#13;&#x1F600;%20+&other;")}`,
    );
    expect(parseListPage(xml)).toEqual({ keys: ["a<>&\"'\r\u{1F600}%20+&other;"], isTruncated: false });
  });

  it.each([
    ["", "nothing"],
    [page(""), "a list that does not say whether it is whole"],
    [page(`<IsTruncated>false</IsTruncated>${object("a")}`).slice(0, -5), "one that breaks off"],
  ])("is asked for again where it is %#", (xml) => {
    expect(() => parseListPage(xml)).toThrow(expect.objectContaining({ code: "dependency.unavailable" }));
  });
});
