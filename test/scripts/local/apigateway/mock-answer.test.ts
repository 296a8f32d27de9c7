import { describe, expect, it } from "vitest";
import type { MockIntegration } from "../../../../scripts/local/apigateway/definitions.ts";
import { answerMock } from "../../../../scripts/local/apigateway/mock-answer.ts";

const integration = (template: string): MockIntegration => ({
  kind: "mock",
  requestTemplates: { "application/json": template },
  responses: [
    { statusCode: 204, headers: { "x-kind": "default" }, body: "" },
    {
      statusCode: 503,
      selectionPattern: /^(?:5\d{2})$/,
      headers: { "Content-Type": "text/plain" },
      body: "down",
    },
  ],
});

describe("a mock integration", () => {
  it("answers with the response whose pattern the status fits, else with the one that has none", () => {
    const down = answerMock(integration('{"statusCode": 500}'), undefined);
    expect({ ...down, body: down.body.toString() }).toEqual({
      statusCode: 503,
      headers: [["Content-Type", "text/plain"]],
      body: "down",
    });
    expect(answerMock(integration("{ statusCode: 200 }"), "application/json; charset=utf-8")).toMatchObject({
      statusCode: 204,
      headers: [
        ["content-type", "application/json"],
        ["x-kind", "default"],
      ],
    });
  });

  it("fails when no template names a status for the content type, or no response fits", () => {
    const fault = expect.objectContaining({ type: "API_CONFIGURATION_ERROR" });
    expect(() => answerMock(integration("{}"), undefined)).toThrow(fault);
    expect(() => answerMock(integration("{ statusCode: 200 }"), "text/plain")).toThrow(fault);
    const none = { ...integration("{ statusCode: 200 }"), responses: integration("").responses.slice(1) };
    expect(() => answerMock(none, undefined)).toThrow(fault);
  });
});
