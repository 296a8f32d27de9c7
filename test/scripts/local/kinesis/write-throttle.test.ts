import { expect, it } from "vitest";
import { createWriteThrottle } from "../../../../scripts/local/kinesis/write-throttle.ts";

const mib = 1024 * 1024;
const admitted = (admit: (sizeBytes: number, nowMs: number) => boolean, sizes: number[], nowMs: number) =>
  sizes.filter((sizeBytes) => admit(sizeBytes, nowMs)).length;

it("admits a thousand small records at once, and then a thousand a second", () => {
  const admit = createWriteThrottle();
  const many = new Array(2000).fill(1);
  expect(admitted(admit, many, 0)).toBe(1000);
  expect(admitted(admit, many, 250)).toBe(250);
  expect(admitted(admit, many, 60_000)).toBe(1000);
});

it("admits one MiB at once, and then one MiB a second", () => {
  const admit = createWriteThrottle();
  const many = new Array(20).fill(mib / 8);
  expect(admitted(admit, many, 0)).toBe(8);
  expect(admitted(admit, many, 500)).toBe(4);
});

it("admits a record of many seconds' worth when the bucket is full, and makes the next wait for it", () => {
  const admit = createWriteThrottle();
  expect(admit(4 * mib, 0)).toBe(true);
  expect(admit(1, 2500)).toBe(false);
  expect(admit(1, 3500)).toBe(true);
});

it("gains nothing from a clock that steps back", () => {
  const admit = createWriteThrottle();
  expect(admitted(admit, new Array(1000).fill(1), 1000)).toBe(1000);
  expect(admit(1, 500)).toBe(false);
});
