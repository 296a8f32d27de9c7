// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub writes its placeholders so
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  noValue,
  resolve,
  type Scope,
  UnresolvedError,
} from "../../../../scripts/local/cloudformation/intrinsics.ts";

const scope: Scope = {
  availabilityZones: ["us-east-1a", "us-east-1b"],
  ref: (name) => {
    if (name === "AWS::NoValue") return noValue;
    if (name === "Subnets") return ["s-1", "s-2"];
    if (name === "Bucket") return "bucket-1";
    if (name === "AWS::Region") return "us-east-1";
    throw new UnresolvedError(`unknown ${name}`);
  },
  getAtt: (logicalId, attribute) => `${logicalId}/${attribute}`,
  importValue: (name) => `import:${name}`,
  stackOutput: (stack, output) => `${stack}>${output}`,
  condition: (name) => name === "Yes",
  mapping: (...path) => path.join("."),
};

describe("resolve", () => {
  // Expected values are worked out by hand from the CloudFormation user guide's definition of each function.
  it.each<[string, unknown, unknown]>([
    ["Ref gives a physical id", { Ref: "Bucket" }, "bucket-1"],
    ["Ref may give a list", { Ref: "Subnets" }, ["s-1", "s-2"]],
    ["GetAtt takes a pair", { "Fn::GetAtt": ["Bucket", "Arn"] }, "Bucket/Arn"],
    ["GetAtt takes a dotted text", { "Fn::GetAtt": "Bucket.Outputs.Name" }, "Bucket/Outputs.Name"],
    ["Join joins", { "Fn::Join": ["-", ["a", { Ref: "Bucket" }, 3]] }, "a-bucket-1-3"],
    ["Join takes a list from another function", { "Fn::Join": [",", { Ref: "Subnets" }] }, "s-1,s-2"],
    ["Join leaves NoValue out", { "Fn::Join": ["-", ["a", { Ref: "AWS::NoValue" }, "b"]] }, "a-b"],
    ["Split splits", { "Fn::Split": ["/", "a/b//c"] }, ["a", "b", "", "c"]],
    ["Select picks by number or text", { "Fn::Select": ["1", ["a", "b"]] }, "b"],
    [
      "functions nest",
      { "Fn::Select": [2, { "Fn::Split": [":", { "Fn::Join": [":", ["arn", "aws", "s3"]] }] }] },
      "s3",
    ],
    ["Sub replaces names and attributes", { "Fn::Sub": "${Bucket}/${Bucket.Arn}" }, "bucket-1/Bucket/Arn"],
    ["Sub keeps what is escaped", { "Fn::Sub": "${!Literal} ${AWS::Region}" }, "${Literal} us-east-1"],
    [
      "Sub's own variables come first and may be expressions",
      { "Fn::Sub": ["${Bucket}-${x}", { Bucket: "mine", x: { "Fn::GetAtt": ["F", "Arn"] } }] },
      "mine-F/Arn",
    ],
    ["Sub does not read replacements again", { "Fn::Sub": ["${a}", { a: "${Bucket}" }] }, "${Bucket}"],
    [
      "ImportValue takes an expression",
      { "Fn::ImportValue": { "Fn::Sub": "${Bucket}:x" } },
      "import:bucket-1:x",
    ],
    ["If takes the branch of its condition", { "Fn::If": ["Yes", "a", "b"] }, "a"],
    [
      "If leaves the other branch alone",
      { "Fn::If": ["No", { Ref: "Missing" }, { Ref: "Bucket" }] },
      "bucket-1",
    ],
    ["Equals compares resolved values", { "Fn::Equals": [{ Ref: "AWS::Region" }, "us-east-1"] }, true],
    [
      "And, Or and Not combine",
      { "Fn::And": [{ Condition: "Yes" }, { "Fn::Not": [{ Condition: "No" }] }] },
      true,
    ],
    [
      "Or is false when nothing holds",
      { "Fn::Or": [{ Condition: "No" }, { "Fn::Equals": ["a", "b"] }] },
      false,
    ],
    ["FindInMap takes expressions", { "Fn::FindInMap": ["M", { Ref: "AWS::Region" }, "k"] }, "M.us-east-1.k"],
    ["GetAZs lists zones", { "Fn::GetAZs": "" }, ["us-east-1a", "us-east-1b"]],
    [
      "GetStackOutput names stack and output",
      { "Fn::GetStackOutput": { StackName: "S", OutputName: "O" } },
      "S>O",
    ],
    ["Base64 encodes UTF-8", { "Fn::Base64": "é" }, "w6k="],
    ["a property that is NoValue goes", { a: { Ref: "AWS::NoValue" }, b: 1 }, { b: 1 }],
    ["an item that is NoValue goes", ["a", { "Fn::If": ["No", "b", { Ref: "AWS::NoValue" }] }], ["a"]],
    [
      "an IAM Condition is no function",
      { Condition: { Bool: { x: "y" } } },
      { Condition: { Bool: { x: "y" } } },
    ],
    ["a Ref beside other keys is no function", { Ref: "Bucket", b: 1 }, { Ref: "Bucket", b: 1 }],
  ])("%s", (_title, expression, expected) => {
    expect(resolve(expression, scope)).toEqual(expected);
  });

  it.each<[string, unknown, RegExp]>([
    [
      "a function it does not know",
      { "Fn::Cidr": ["10.0.0.0/16", 1, 8] },
      /Fn::Cidr, which is not supported/,
    ],
    ["an unknown name", { "Fn::Sub": "${Missing}" }, /unknown Missing/],
    ["an index beyond the list", { "Fn::Select": [2, ["a", "b"]] }, /index 2 of a list of 2/],
    ["a list where a text belongs", { "Fn::Join": ["", [["a"]]] }, /got \["a"\], expected a text/],
    ["arguments that are no list", { "Fn::Join": "a" }, /expected a list/],
    ["NoValue where a text belongs", { "Fn::Sub": "${AWS::NoValue}" }, /expected a text/],
  ])("refuses %s", (_title, expression, message) => {
    expect(() => resolve(expression, scope)).toThrow(UnresolvedError);
    expect(() => resolve(expression, scope)).toThrow(message);
  });

  it("leaves every value without functions as it is", () => {
    const key = fc.string().filter((name) => !/^(Ref|Condition|Fn::|__proto__)/.test(name));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
        fc.array(tie("value")),
        fc.dictionary(key, tie("value")),
      ),
    }));
    fc.assert(
      fc.property(value, (plain) => {
        expect(resolve(plain, scope)).toEqual(plain);
      }),
    );
  });

  it("splits what it joined", () => {
    const part = fc.string().filter((text) => !text.includes("|"));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), (parts) => {
        expect(resolve({ "Fn::Split": ["|", { "Fn::Join": ["|", parts] }] }, scope)).toEqual(parts);
      }),
    );
  });
});
