import { describe, expect, it } from "vitest";
import { escapeXml, toXml } from "../../../scripts/local/xml.ts";

describe("toXml", () => {
  it("writes lists as members and leaves out what is undefined", () => {
    const value = {
      Stacks: [
        { Name: "a", Note: undefined, Ready: true },
        { Name: "b", Count: 2 },
      ],
      Empty: [],
    };
    expect(toXml(value)).toBe(
      "<Stacks><member><Name>a</Name><Ready>true</Ready></member><member><Name>b</Name><Count>2</Count></member></Stacks><Empty></Empty>",
    );
  });

  it("escapes what would end the text, keeps line ends, and replaces what XML cannot hold", () => {
    expect(escapeXml('<a b="c">&amp;</a>')).toBe("&lt;a b=&quot;c&quot;&gt;&amp;amp;&lt;/a&gt;");
    expect(escapeXml("a\r\nb\tc")).toBe("a&#13;\nb\tc");
    expect(escapeXml("a\u0000b\uffff")).toBe("a\ufffdb\ufffd");
  });
});
