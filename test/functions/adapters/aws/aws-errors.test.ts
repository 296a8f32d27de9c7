import { DynamoDBServiceException } from "@aws-sdk/client-dynamodb";
import { expect, it } from "vitest";
import { isTransient, toHeadraceError } from "../../../../functions/adapters/aws/aws-errors.ts";
import { InputError } from "../../../../functions/core/errors.ts";

const answer = (name: string, httpStatusCode: number) =>
  new DynamoDBServiceException({ name, message: "m", $fault: "client", $metadata: { httpStatusCode } });
const system = (code: string, name = "Error") => Object.assign(new Error("m"), { code, name });

it.each([
  [
    "ProvisionedThroughputExceededException",
    answer("ProvisionedThroughputExceededException", 400),
    "throttled",
    true,
  ],
  ["ThrottlingException", answer("ThrottlingException", 400), "throttled", true],
  ["SlowDown", answer("SlowDown", 503), "throttled", true],
  ["any 429", answer("Whatever", 429), "throttled", true],
  ["a request timeout of the SDK", system("ETIMEDOUT", "TimeoutError"), "timeout", true],
  ["S3's RequestTimeout", answer("RequestTimeout", 400), "timeout", true],
  ["a closed connection as the SDK names it", system("ECONNRESET", "TimeoutError"), "unavailable", true],
  ["a refused connection", system("ECONNREFUSED"), "unavailable", true],
  ["a name that does not resolve", system("ENOTFOUND"), "unavailable", true],
  ["InternalServerError", answer("InternalServerError", 500), "unavailable", true],
  ["any 5xx", answer("Whatever", 502), "unavailable", true],
  ["a clock that is off", answer("RequestTimeTooSkewed", 403), "unavailable", true],
  ["AccessDenied", answer("AccessDenied", 403), "unavailable", false],
  ["AccessDeniedException", answer("AccessDeniedException", 400), "unavailable", false],
  ["a missing table", answer("ResourceNotFoundException", 400), "unavailable", false],
  ["a disabled key", answer("KMSDisabledException", 400), "unavailable", false],
  [
    "no credentials",
    Object.assign(new Error("m"), { name: "CredentialsProviderError" }),
    "unavailable",
    false,
  ],
] as const)("takes %s for a dependency's fault", (_title, error, code, transient) => {
  expect(isTransient(error)).toBe(transient);
  expect(toHeadraceError(error, "s3 GetObject b/k")).toMatchObject({
    name: "DependencyError",
    code: `dependency.${code}`,
    retryable: true,
    cause: error,
    message: expect.stringMatching(/^s3 GetObject b\/k: /),
  });
});

it.each([
  ["ValidationException", answer("ValidationException", 400)],
  ["SerializationException", answer("SerializationException", 400)],
  ["a TypeError", new TypeError("x is not a function")],
  ["an argument that Node refuses", system("ERR_INVALID_ARG_TYPE", "TypeError")],
  ["what is no error", "text"],
])("takes %s for a bug of ours", (_title, error) => {
  expect(isTransient(error)).toBe(false);
  expect(toHeadraceError(error, "x")).toMatchObject({
    name: "InvariantError",
    retryable: false,
    cause: error,
  });
});

it("passes an error of ours as it is", () => {
  const error = new InputError("m", { code: "input.range" });
  expect(toHeadraceError(error, "x")).toBe(error);
});
