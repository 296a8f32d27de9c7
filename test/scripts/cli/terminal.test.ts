import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { createTerminal } from "../../../scripts/cli/terminal.ts";

function record(more: { isTTY?: boolean; columns?: number } = {}) {
  const stream = Object.assign(new PassThrough(), more) as unknown as NodeJS.WriteStream;
  const chunks: string[] = [];
  stream.on("data", (chunk) => chunks.push(String(chunk)));
  return { terminal: createTerminal(stream), text: () => chunks.join("") };
}

it("a pipe gets one plain line per step, without colours or movement", async () => {
  const { terminal, text } = record();

  const result = await terminal.step(
    "build",
    async ({ progress }) => {
      progress("half");
      return 3;
    },
    (count) => `${count} functions`,
  );
  terminal.line(terminal.bold("done"));

  expect(result).toBe(3);
  expect(text()).toMatch(/^ {2}build {7}3 functions +\d+\.\d s\ndone\n$/);
});

it("a terminal gets the progress drawn over, cut to its width", async () => {
  const { terminal, text } = record({ isTTY: true, columns: 30 });

  await terminal.step("replay", async ({ progress }) => progress("x".repeat(100)));

  const drawn = text().split("\r\x1b[2K");
  expect(drawn[1]).toBe("  replay      ");
  expect(drawn[2]).toBe(`  replay      ${"x".repeat(15)}`);
  expect(drawn[3]).toMatch(/\d+\.\d s.*\n$/);
});

it("a step that fails says so and passes its error on", async () => {
  const { terminal, text } = record();

  await expect(terminal.step("deploy", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(text()).toBe("  deploy      failed\n");
});
