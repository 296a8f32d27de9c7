import { describe, expect, it } from "vitest";
import { predictEvents } from "../../../scripts/predict/predict-events.ts";

function apiWith(status: number, text: string) {
  const sent: [string, string][] = [];
  return {
    url: "https://api",
    sent,
    async post(path: string, body: string) {
      sent.push([path, body]);
      return { status, text };
    },
  };
}

describe("predictEvents", () => {
  it.each([
    [' {"id": 12345678901234567890} ', '{"events":[ {"id": 12345678901234567890} ]}'],
    ['[{"a": 1.0}, {}]', '{"events":[{"a": 1.0}, {}]}'],
  ])("sends one event or a list as it was written: %s", async (text, body) => {
    const api = apiWith(
      200,
      '{"predictions":[{"outputs":{}},{"error":{"code":"input.type","message":"m"}}]}',
    );
    const { predictions, errorCount } = await predictEvents(api, "m", text);
    expect([predictions.length, errorCount]).toEqual([2, 1]);
    expect(api.sent).toEqual([["/models/m/predict", body]]);
  });

  it.each([
    [
      400,
      '{"error":{"code":"input.malformed","message":"what","requestId":"r1"}}',
      "got 400: input.malformed what (request r1)",
    ],
    [403, '{"error":"Forbidden"}', "got 403: Forbidden"],
    [502, "<html>", "got 502: <html>"],
  ])("says what was refused, by the function or the gateway: %s", async (status, text, message) => {
    await expect(predictEvents(apiWith(status, text), "m", "{}")).rejects.toThrow(message);
  });

  it("sends nothing that is not JSON", async () => {
    const api = apiWith(200, "{}");
    await expect(predictEvents(api, "m", "{")).rejects.toThrow("not JSON");
    expect(api.sent).toEqual([]);
  });
});
