import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { AwsError } from "../../../../scripts/local/aws-error.ts";
import type { EventSourceConfig } from "../../../../scripts/local/lambda/event-source-config.ts";
import { EventSourcePoller } from "../../../../scripts/local/lambda/poller.ts";
import { MemoryFailureDestination } from "./memory-failure-destination.ts";
import { MemoryKinesis } from "./memory-kinesis.ts";
import { MemoryTiming } from "./memory-timing.ts";

const streamArn = "arn:aws:kinesis:us-east-1:000000000000:stream/events";
const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:stream";
const bucket = "arn:aws:s3:::parked";
const uuid = "6b0a0a8e-6c5e-4f0e-8e0e-000000000001";

/** What the function is sent: the shard, and per record its text; what it answers with. */
interface Call {
  readonly shardId: string;
  readonly texts: readonly string[];
  readonly sequenceNumbers: readonly string[];
}
type Answer = { readonly payload?: string; readonly functionError?: string } | undefined;

class Bench {
  readonly kinesis = new MemoryKinesis();
  readonly destination = new MemoryFailureDestination();
  readonly timing = new MemoryTiming();
  readonly calls: Call[] = [];
  readonly ages: number[] = [];
  poller: EventSourcePoller | undefined;
  /** The function under test. */
  answer: (call: Call) => Answer | Promise<Answer> = () => undefined;

  start(config: Partial<EventSourceConfig> = {}): EventSourcePoller {
    this.poller = new EventSourcePoller(
      {
        uuid,
        eventSourceArn: streamArn,
        functionName: "stream",
        startingPosition: "TRIM_HORIZON",
        ...config,
      },
      {
        reader: this.kinesis,
        failureDestination: this.destination,
        functionArn: () => functionArn,
        timing: this.timing,
        backoff: { baseMs: 100, capMs: 1000 },
        onIteratorAge: (ageMs) => this.ages.push(ageMs),
        invoke: async (_functionName, event) => {
          const records: { eventID: string; kinesis: { data: string; sequenceNumber: string } }[] =
            JSON.parse(event).Records;
          const call = {
            shardId: records[0]!.eventID.split(":")[0]!,
            texts: records.map(({ kinesis }) => Buffer.from(kinesis.data, "base64").toString()),
            sequenceNumbers: records.map(({ kinesis }) => kinesis.sequenceNumber),
          };
          this.calls.push(call);
          return { payload: "null", requestId: `request-${this.calls.length}`, ...(await this.answer(call)) };
        },
      },
    );
    return this.poller;
  }

  put(shardId: string, texts: readonly string[]): string[] {
    return texts.map((text) => this.kinesis.put(shardId, text, this.timing.now()));
  }

  async idle(): Promise<void> {
    await expect.poll(() => this.poller?.isIdle, { interval: 1, timeout: 10_000 }).toBe(true);
  }

  batches(): string[] {
    return this.calls.map(({ texts }) => texts.join(""));
  }

  /** Texts of the parked objects, in order of delivery. */
  parked(): string[] {
    return this.destination.delivered.map(({ body }) =>
      (JSON.parse(JSON.parse(body).payload).Records as { kinesis: { data: string } }[])
        .map(({ kinesis }) => Buffer.from(kinesis.data, "base64").toString())
        .join(""),
    );
  }
}

let bench = new Bench();
afterEach(async () => {
  await bench.poller?.close();
  bench = new Bench();
});

const failed: Answer = { functionError: "Unhandled", payload: '{"errorMessage":"no"}' };
const report = (...identifiers: readonly unknown[]): Answer => ({
  payload: JSON.stringify({ batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })) }),
});
const letters = [..."abcdefgh"];
const reporting = ["ReportBatchItemFailures"];

describe("batches", () => {
  it("are cut at the batch size, in order, one invocation at a time", async () => {
    bench.kinesis.addShard("s0");
    bench.put("s0", letters);
    let running = 0;
    bench.answer = async () => {
      running += 1;
      expect(running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running -= 1;
      return undefined;
    };
    bench.start({ batchSize: 3 });
    await bench.idle();
    expect(bench.batches()).toEqual(["abc", "def", "gh"]);
    expect(bench.poller?.lastProcessingResult).toBe("OK");
    expect(bench.ages).toEqual([0, 0, 0]);
  });

  it("run side by side for different shards", async () => {
    bench.kinesis.addShard("s0");
    bench.kinesis.addShard("s1");
    bench.put("s0", ["a"]);
    bench.put("s1", ["b"]);
    const { promise: bothRunning, resolve } = Promise.withResolvers<void>();
    bench.answer = async () => {
      if (bench.calls.length === 2) resolve();
      await bothRunning;
      return undefined;
    };
    bench.start();
    await bench.idle();
    expect(bench.calls).toHaveLength(2);
  });

  it("are cut at 6 MB of event", async () => {
    bench.kinesis.addShard("s0");
    const data = Buffer.alloc(1024 * 1024, "x");
    for (let index = 0; index < 7; index += 1) bench.kinesis.put("s0", data, bench.timing.now());
    bench.start();
    await bench.idle();
    // 1 MiB is 1.33 MiB of base64: four fit, five do not.
    expect(bench.calls.map(({ texts }) => texts.length)).toEqual([4, 3]);
  });

  it("wait for the window unless they fill up", async () => {
    bench.kinesis.addShard("s0");
    bench.put("s0", ["a", "b"]);
    const { timing } = bench;
    const begunAtMs = timing.now();
    bench.start({ batchSize: 3, maximumBatchingWindowSeconds: 20 });
    await bench.idle();
    expect(bench.batches()).toEqual(["ab"]);
    expect(timing.now() - begunAtMs).toBe(20_000);
    bench.put("s0", ["c", "d", "e"]);
    await bench.idle();
    expect(bench.batches()).toEqual(["ab", "cde"]);
    expect(timing.now() - begunAtMs).toBe(20_000);
  });

  it("do not wait for the window once 6 MB of event have come", async () => {
    bench.kinesis.addShard("s0");
    const data = Buffer.alloc(1024 * 1024, "x");
    for (let index = 0; index < 5; index += 1) bench.kinesis.put("s0", data, bench.timing.now());
    bench.answer = () => {
      if (bench.calls.length === 1) expect(bench.timing.slept).toEqual([]);
      return undefined;
    };
    bench.start({ maximumBatchingWindowSeconds: 20 });
    await bench.idle();
    expect(bench.calls.map(({ texts }) => texts.length)).toEqual([4, 1]);
    expect(bench.poller?.lastProcessingResult).toBe("OK");
  });

  it("go out at once without a window", async () => {
    bench.kinesis.addShard("s0");
    bench.start();
    await bench.idle();
    bench.put("s0", ["a"]);
    await bench.idle();
    expect(bench.batches()).toEqual(["a"]);
    expect(bench.timing.slept).toEqual([]);
  });
});

describe("a function error", () => {
  it("retries the whole batch, with a growing and capped delay, until it succeeds", async () => {
    bench.kinesis.addShard("s0");
    bench.put("s0", ["a", "b"]);
    bench.answer = () => (bench.calls.length <= 6 ? failed : undefined);
    bench.start();
    await bench.idle();
    expect(bench.batches()).toEqual(Array.from({ length: 7 }, () => "ab"));
    expect(bench.timing.slept.map(Math.round)).toEqual([100, 200, 400, 800, 1000, 1000]);
  });

  it("with bisect splits in halves, retries them in order, and parks the guilty record alone", async () => {
    bench.kinesis.addShard("s0");
    bench.put("s0", letters);
    bench.answer = ({ texts }) => (texts.includes("f") ? failed : undefined);
    bench.start({
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: 1,
      onFailureDestinationArn: bucket,
    });
    await bench.idle();
    // Splits cost no attempt: the one retry is left for the record that stands alone.
    expect(bench.batches()).toEqual(["abcdefgh", "abcd", "efgh", "ef", "e", "f", "f", "gh"]);
    expect(bench.parked()).toEqual(["f"]);
  });

  it("without bisect gives up the whole batch after its attempts, and goes on behind it", async () => {
    bench.kinesis.addShard("s0");
    bench.put("s0", ["a", "b", "c"]);
    bench.answer = ({ texts }) => (texts.includes("a") ? failed : undefined);
    bench.start({ batchSize: 2, maximumRetryAttempts: 2, onFailureDestinationArn: bucket });
    await bench.idle();
    expect(bench.batches()).toEqual(["ab", "ab", "ab", "c"]);
    expect(bench.parked()).toEqual(["ab"]);
  });

  it("is given up at once with no retries, and dropped without a destination", async () => {
    bench.kinesis.addShard("s0");
    bench.put("s0", ["a", "b"]);
    bench.answer = ({ texts }) => (texts.includes("a") ? failed : undefined);
    bench.start({ batchSize: 1, maximumRetryAttempts: 0 });
    await bench.idle();
    expect(bench.batches()).toEqual(["a", "b"]);
  });

  it("is no attempt when the function was throttled", async () => {
    bench.kinesis.addShard("s0");
    bench.put("s0", ["a"]);
    bench.answer = () => {
      if (bench.calls.length <= 3) throw new AwsError("TooManyRequestsException", "Rate Exceeded.", 429);
      return undefined;
    };
    bench.start({ maximumRetryAttempts: 0, onFailureDestinationArn: bucket });
    await bench.idle();
    expect(bench.batches()).toEqual(["a", "a", "a", "a"]);
    expect(bench.destination.delivered).toEqual([]);
  });

  it("is an attempt when the event is too large to be sent", async () => {
    bench.kinesis.addShard("s0");
    bench.put("s0", ["a", "b"]);
    bench.answer = ({ texts }) => {
      if (texts.includes("a")) throw new AwsError("RequestEntityTooLargeException", "too large", 413);
      return undefined;
    };
    bench.start({
      maximumRetryAttempts: 0,
      bisectBatchOnFunctionError: true,
      onFailureDestinationArn: bucket,
    });
    await bench.idle();
    expect(bench.parked()).toEqual(["a"]);
    expect(bench.batches()).toEqual(["ab", "a", "b"]);
  });
});

describe("a partial failure", () => {
  it("retries from the lowest reported record", async () => {
    bench.kinesis.addShard("s0");
    bench.put("s0", letters);
    bench.answer = ({ sequenceNumbers }) =>
      bench.calls.length === 1 ? report(sequenceNumbers[6], sequenceNumbers[3]) : undefined;
    bench.start({ functionResponseTypes: reporting });
    await bench.idle();
    expect(bench.batches()).toEqual(["abcdefgh", "defgh"]);
    expect(bench.ages).toHaveLength(2);
  });

  it("with bisect splits at the reported record, costs no attempt, and parks it alone in the end", async () => {
    bench.kinesis.addShard("s0");
    bench.put("s0", letters);
    bench.answer = ({ texts, sequenceNumbers }) => {
      const index = texts.indexOf("c");
      return index < 0 ? undefined : report(sequenceNumbers[index]);
    };
    bench.start({
      functionResponseTypes: reporting,
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: 0,
      onFailureDestinationArn: bucket,
    });
    await bench.idle();
    expect(bench.batches()).toEqual(["abcdefgh", "cdefgh", "cde", "cd", "c", "d", "e", "fgh"]);
    expect(bench.parked()).toEqual(["c"]);
    expect(JSON.parse(bench.destination.delivered[0]!.body).responseContext).toEqual({
      statusCode: 200,
      executedVersion: "$LATEST",
    });
  });

  it("without bisect costs an attempt, and gives up what is left", async () => {
    bench.kinesis.addShard("s0");
    bench.put("s0", letters);
    bench.answer = ({ sequenceNumbers }) => report(sequenceNumbers[2] ?? sequenceNumbers[0]);
    bench.start({
      functionResponseTypes: reporting,
      maximumRetryAttempts: 1,
      onFailureDestinationArn: bucket,
    });
    await bench.idle();
    expect(bench.batches()).toEqual(["abcdefgh", "cdefgh"]);
    expect(bench.parked()).toEqual(["efgh"]);
  });

  it("fails the whole batch when it names no record of it", async () => {
    bench.kinesis.addShard("s0");
    bench.put("s0", ["a", "b"]);
    bench.answer = () =>
      bench.calls.length === 1 ? report("") : bench.calls.length === 2 ? report("99") : undefined;
    bench.start({ functionResponseTypes: reporting });
    await bench.idle();
    expect(bench.batches()).toEqual(["ab", "ab", "ab"]);
  });

  it("is success when the mapping does not ask for reports", async () => {
    bench.kinesis.addShard("s0");
    bench.put("s0", ["a", "b"]);
    bench.answer = ({ sequenceNumbers }) => report(sequenceNumbers[0]);
    bench.start();
    await bench.idle();
    expect(bench.batches()).toEqual(["ab"]);
  });
});

describe("what is given up", () => {
  it("goes to a bucket with the whole event, in Lambda's shape and under its key", async () => {
    bench.kinesis.addShard("shardId-000000000001");
    const [first, last] = bench.put("shardId-000000000001", ["a", "b"]);
    bench.answer = () => failed;
    const arrived = new Date(bench.timing.now()).toISOString();
    bench.start({ maximumRetryAttempts: 1, onFailureDestinationArn: bucket });
    await bench.idle();
    const { to, key, body } = bench.destination.delivered[0]!;
    const { payload, timestamp, ...record } = JSON.parse(body);
    expect(to).toBe("parked");
    const day = timestamp.slice(0, 10);
    const second = timestamp.slice(11, 19).replaceAll(":", ".");
    expect(key).toMatch(
      new RegExp(
        `^aws/lambda/${uuid}/shardId-000000000001/${day.replaceAll("-", "/")}/${day}T${second}-[0-9a-f-]{36}$`,
      ),
    );
    expect(record).toEqual({
      requestContext: {
        requestId: "request-2",
        functionArn,
        condition: "RetryAttemptsExhausted",
        approximateInvokeCount: 2,
      },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      version: "1.0",
      KinesisBatchInfo: {
        shardId: "shardId-000000000001",
        startSequenceNumber: first,
        endSequenceNumber: last,
        approximateArrivalOfFirstRecord: arrived,
        approximateArrivalOfLastRecord: arrived,
        batchSize: 2,
        streamArn,
      },
    });
    expect(
      JSON.parse(payload).Records.map(
        (one: { kinesis: { sequenceNumber: string } }) => one.kinesis.sequenceNumber,
      ),
    ).toEqual([first, last]);
  });

  it.each(["arn:aws:sqs:us-east-1:000000000000:dead", "arn:aws:sns:us-east-1:000000000000:dead"])(
    "goes to %s without the event",
    async (arn) => {
      bench.kinesis.addShard("s0");
      bench.put("s0", ["a"]);
      bench.answer = () => failed;
      bench.start({ maximumRetryAttempts: 0, onFailureDestinationArn: arn });
      await bench.idle();
      const { to, body } = bench.destination.delivered[0]!;
      expect(to).toBe(arn);
      expect(JSON.parse(body)).not.toHaveProperty("payload");
      expect(JSON.parse(body).KinesisBatchInfo.batchSize).toBe(1);
    },
  );

  it("is the expired head of a batch, unseen by the function", async () => {
    bench.kinesis.addShard("s0");
    bench.put("s0", ["a", "b"]);
    bench.timing.advance(61_000);
    bench.put("s0", ["c"]);
    bench.start({ maximumRecordAgeSeconds: 60, onFailureDestinationArn: bucket });
    await bench.idle();
    expect(bench.batches()).toEqual(["c"]);
    expect(bench.parked()).toEqual(["ab"]);
    const record = JSON.parse(bench.destination.delivered[0]!.body);
    expect(record.requestContext).toMatchObject({
      condition: "RecordAgeExceeded",
      approximateInvokeCount: 0,
    });
    expect(record).not.toHaveProperty("responseContext");
  });

  it("is a batch that fails until it is too old", async () => {
    bench.kinesis.addShard("s0");
    bench.put("s0", ["a"]);
    bench.answer = () => failed;
    bench.start({ maximumRecordAgeSeconds: 60, onFailureDestinationArn: bucket });
    await bench.idle();
    const { requestContext } = JSON.parse(bench.destination.delivered[0]!.body);
    expect(requestContext.condition).toBe("RecordAgeExceeded");
    // At 0, 0.1, 0.3, 0.7 and 1.5 s, then once a second up to 59.5 s.
    expect(requestContext.approximateInvokeCount).toBe(5 + 58);
  });

  it("is delivered again until the destination takes it, before anything behind it is sent", async () => {
    bench.kinesis.addShard("s0");
    bench.put("s0", ["a", "b"]);
    bench.destination.failures = 3;
    bench.answer = ({ texts }) => {
      if (texts.includes("a")) return failed;
      expect(bench.destination.delivered).toHaveLength(1);
      return undefined;
    };
    bench.start({ batchSize: 1, maximumRetryAttempts: 0, onFailureDestinationArn: bucket });
    await bench.idle();
    expect(bench.batches()).toEqual(["a", "b"]);
    expect(bench.parked()).toEqual(["a"]);
  });
});

describe("shards", () => {
  it("start when both their parents are done, and children of a mapping at LATEST miss nothing", async () => {
    bench.kinesis.addShard("p0");
    bench.kinesis.addShard("p1");
    bench.put("p0", ["old"]);
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    bench.answer = async ({ texts }) => {
      if (texts.includes("slow")) await gate;
      return undefined;
    };
    bench.start({ startingPosition: "LATEST" });
    await bench.idle();
    bench.put("p0", ["quick"]);
    bench.put("p1", ["slow"]);
    bench.kinesis.addShard("child", ["p0", "p1"]);
    bench.kinesis.closeShard("p0");
    bench.kinesis.closeShard("p1");
    bench.put("child", ["child"]);
    await expect.poll(() => bench.calls.length).toBe(2);
    open();
    await bench.idle();
    expect(bench.batches()).toEqual(["quick", "slow", "child"]);
  });

  it("that were closed before the mapping existed are read to their end, then their children", async () => {
    bench.kinesis.addShard("p");
    bench.put("p", ["a", "b"]);
    bench.kinesis.addShard("c0", ["p"]);
    bench.kinesis.addShard("c1", ["p"]);
    bench.kinesis.closeShard("p");
    bench.put("c0", ["c"]);
    bench.put("c1", ["d"]);
    bench.start({ batchSize: 1 });
    await bench.idle();
    expect(bench.batches().slice(0, 2)).toEqual(["a", "b"]);
    expect(bench.batches().slice(2).sort()).toEqual(["c", "d"]);
  });

  it("that exist at the start are all at the tip for LATEST, closed parents or not", async () => {
    bench.kinesis.addShard("p");
    bench.put("p", ["a"]);
    bench.kinesis.addShard("c", ["p"]);
    bench.kinesis.closeShard("p");
    bench.put("c", ["b"]);
    bench.start({ startingPosition: "LATEST" });
    await bench.idle();
    bench.put("c", ["new"]);
    await bench.idle();
    expect(bench.batches()).toEqual(["new"]);
  });

  it("start at a time", async () => {
    bench.kinesis.addShard("s0");
    bench.put("s0", ["a"]);
    bench.timing.advance(10);
    bench.put("s0", ["b"]);
    bench.start({ startingPosition: "AT_TIMESTAMP", startingPositionTimestampMs: bench.timing.now() - 5 });
    await bench.idle();
    expect(bench.batches()).toEqual(["b"]);
  });

  it("do not wait for a parent that was trimmed away", async () => {
    bench.kinesis.addShard("c", ["gone"]);
    bench.put("c", ["a"]);
    bench.start();
    await bench.idle();
    expect(bench.batches()).toEqual(["a"]);
  });
});

describe("a parallelisation factor", () => {
  it("runs partition keys side by side, each in order, and a failing key holds back no other", async () => {
    bench.kinesis.addShard("s0");
    const keys = ["k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7"];
    const put = (round: number) => {
      for (const key of keys) bench.kinesis.put("s0", `${key}:${round} `, bench.timing.now(), key);
    };
    for (let round = 0; round < 5; round += 1) put(round);
    let isBroken = true;
    const done: string[] = [];
    bench.answer = ({ texts }) => {
      if (isBroken && texts.some((text) => text.startsWith("k0:"))) return failed;
      done.push(...texts);
      return undefined;
    };
    bench.start({ parallelizationFactor: 4, batchSize: 3 });
    // Keys may share k0's part; those of the other parts are all done while k0 fails.
    await expect.poll(() => new Set(done.map((text) => text.split(":")[0])).size).toBeGreaterThan(3);
    isBroken = false;
    put(5);
    await bench.idle();
    for (const key of keys) {
      expect(done.filter((text) => text.startsWith(key))).toEqual(
        [0, 1, 2, 3, 4, 5].map((round) => `${key}:${round} `),
      );
    }
  });

  it("lets children begin when every part of the parent is done", async () => {
    bench.kinesis.addShard("p");
    for (let index = 0; index < 20; index += 1) bench.kinesis.put("p", "p", bench.timing.now(), `k${index}`);
    bench.kinesis.addShard("c", ["p"]);
    bench.kinesis.closeShard("p");
    bench.put("c", ["c"]);
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    bench.answer = async () => {
      // The last part of the parent to be sent is held until all the others are done.
      if (bench.calls.flatMap(({ texts }) => texts).length === 20) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        expect(bench.calls.some(({ texts }) => texts.includes("c"))).toBe(false);
        open();
      }
      await (bench.calls.length === 1 ? gate : undefined);
      return undefined;
    };
    bench.start({ parallelizationFactor: 10, batchSize: 20 });
    await bench.idle();
    expect(bench.calls.flatMap(({ texts }) => texts).join("")).toBe(`${"p".repeat(20)}c`);
  });

  it("cannot change while the mapping lives", async () => {
    const poller = bench.start({ enabled: false });
    await expect(poller.update({ parallelizationFactor: 2 })).rejects.toThrow("cannot change it (1)");
    expect(poller.mapping.parallelizationFactor).toBe(1);
  });
});

describe("switching a mapping", () => {
  it("off lets the running invocation finish, on goes on where it stood, even in the middle of a retry", async () => {
    bench.kinesis.addShard("s0");
    bench.put("s0", ["a", "b", "c", "d"]);
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    bench.answer = async ({ texts }) => {
      if (texts.join("") === "ab") {
        reach();
        await gate;
      }
      return bench.calls.length === 1 ? failed : undefined;
    };
    const poller = bench.start({ bisectBatchOnFunctionError: true });
    await reached;
    const off = poller.update({ enabled: false });
    open();
    await off;
    expect(poller.isIdle).toBe(true);
    bench.put("s0", ["e"]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(bench.batches()).toEqual(["abcd", "ab"]);
    await poller.update({ enabled: true });
    await bench.idle();
    expect(bench.batches()).toEqual(["abcd", "ab", "cd", "e"]);
  });

  it("on again at LATEST takes up what was put into shards that appeared meanwhile", async () => {
    bench.kinesis.addShard("p");
    const poller = bench.start({ startingPosition: "LATEST" });
    await poller.update({ enabled: false });
    bench.put("p", ["a"]);
    bench.kinesis.addShard("c", ["p"]);
    bench.kinesis.closeShard("p");
    bench.put("c", ["b"]);
    await poller.update({ enabled: true });
    await bench.idle();
    expect(bench.batches()).toEqual(["a", "b"]);
  });

  it("on for the first time is when LATEST is", async () => {
    bench.kinesis.addShard("s0");
    const poller = bench.start({ enabled: false, startingPosition: "LATEST" });
    bench.put("s0", ["a"]);
    await poller.update({ enabled: true });
    bench.put("s0", ["b"]);
    await bench.idle();
    expect(bench.batches()).toEqual(["b"]);
  });

  it("to another batch size holds from the next batch on", async () => {
    bench.kinesis.addShard("s0");
    const poller = bench.start({ batchSize: 1 });
    await poller.update({ batchSize: 2 });
    bench.put("s0", ["a", "b", "c"]);
    await bench.idle();
    expect(bench.batches().join("")).toBe("abc");
    expect(bench.batches()).toContain("bc");
  });
});

describe("settings", () => {
  it.each([
    [{ batchSize: 0 }, "batchSize: got 0, expected an integer from 1 to 10000"],
    [{ batchSize: 10_001 }, "batchSize: got 10001"],
    [{ maximumBatchingWindowSeconds: 301 }, "maximumBatchingWindowSeconds: got 301"],
    [{ maximumRetryAttempts: -2 }, "maximumRetryAttempts: got -2"],
    [{ maximumRecordAgeSeconds: 59 }, "maximumRecordAgeSeconds: got 59"],
    [{ maximumRecordAgeSeconds: 604_801 }, "maximumRecordAgeSeconds: got 604801"],
    [{ parallelizationFactor: 11 }, "parallelizationFactor: got 11"],
    [{ tumblingWindowSeconds: 60 }, "tumbling windows"],
    [{ filterCriteria: { Filters: [{ Pattern: "{}" }] } }, "filter criteria"],
    [{ functionResponseTypes: ["Other"] }, "functionResponseTypes: got Other"],
    [{ startingPosition: "AT_TIMESTAMP" as const }, "startingPositionTimestamp"],
    [{ onFailureDestinationArn: "arn:aws:lambda:us-east-1:1:function:f" }, "on-failure destination"],
    [{ eventSourceArn: "arn:aws:sqs:us-east-1:000000000000:queue" }, "eventSourceArn"],
  ])("are refused: %j", (config, message) => {
    expect(() => bench.start(config)).toThrow(message);
  });

  it.each([
    { batchSize: 1 },
    { batchSize: 10_000 },
    { maximumBatchingWindowSeconds: 300 },
    { maximumRetryAttempts: 10_000 },
    { maximumRecordAgeSeconds: 60 },
    { maximumRecordAgeSeconds: 604_800 },
    { filterCriteria: { Filters: [] } },
  ])("are taken: %j", (config) => {
    expect(() => bench.start({ enabled: false, ...config })).not.toThrow();
  });
});

describe("whatever the function does", () => {
  it("every record is done or parked, in order, and none is lost", async () => {
    const scenario = fc.record({
      texts: fc
        .integer({ min: 1, max: 40 })
        .map((count) => Array.from({ length: count }, (_, index) => `r${index}`)),
      poison: fc.uniqueArray(fc.integer({ min: 0, max: 39 }), { maxLength: 6 }),
      batchSize: fc.integer({ min: 1, max: 20 }),
      // All records have one partition key: whatever the factor, they stay in order.
      parallelizationFactor: fc.integer({ min: 1, max: 3 }),
      bisect: fc.boolean(),
      reports: fc.boolean(),
      retries: fc.integer({ min: 0, max: 3 }),
      // How each invocation without poison ends: fine, an error, throttled, or a report of some record.
      moods: fc.array(fc.constantFrom("fine", "error", "throttle", "report", "nonsense"), { maxLength: 30 }),
      destinationFailures: fc.integer({ min: 0, max: 3 }),
      pauses: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        scenario,
        async ({
          texts,
          poison,
          batchSize,
          parallelizationFactor,
          bisect,
          reports,
          retries,
          moods,
          destinationFailures,
          pauses,
        }) => {
          const own = new Bench();
          const poisoned = new Set(poison.map((index) => `r${index}`));
          const done: string[] = [];
          own.kinesis.addShard("s0");
          own.destination.failures = destinationFailures;
          own.answer = (call) => {
            const mood = moods[own.calls.length - 1] ?? "fine";
            const firstBad = call.texts.findIndex((text) => poisoned.has(text));
            if (mood === "throttle") throw new AwsError("TooManyRequestsException", "Rate Exceeded.", 429);
            if (mood === "error") return failed;
            if (mood === "nonsense" && reports) return report("nonsense");
            const bad = mood === "report" && firstBad < 0 ? call.texts.length - 1 : firstBad;
            if (bad >= 0 && reports) {
              done.push(...call.texts.slice(0, bad));
              return report(call.sequenceNumbers[bad]);
            }
            if (firstBad >= 0) return failed;
            done.push(...call.texts);
            return undefined;
          };
          const half = Math.floor(texts.length / 2);
          own.put("s0", texts.slice(0, half));
          const poller = own.start({
            batchSize,
            parallelizationFactor,
            bisectBatchOnFunctionError: bisect,
            functionResponseTypes: reports ? reporting : [],
            maximumRetryAttempts: retries,
            onFailureDestinationArn: bucket,
          });
          if (pauses) await poller.update({ enabled: false });
          own.put("s0", texts.slice(half));
          if (pauses) await poller.update({ enabled: true });
          await own.idle();
          await poller.close();
          const parked = own.destination.delivered.flatMap(({ body }) =>
            (JSON.parse(JSON.parse(body).payload).Records as { kinesis: { data: string } }[]).map(
              ({ kinesis }) => Buffer.from(kinesis.data, "base64").toString(),
            ),
          );
          const order = (list: readonly string[]) => list.map((text) => texts.indexOf(text));
          expect(order(done)).toEqual(order(done).toSorted((a, b) => a - b));
          expect(order(parked)).toEqual(order(parked).toSorted((a, b) => a - b));
          expect(order([...done, ...parked]).toSorted((a, b) => a - b)).toEqual(
            texts.map((_, index) => index),
          );
          // A poisoned record never counts as done; with bisect and no moods nothing else is parked.
          expect(done.some((text) => poisoned.has(text))).toBe(false);
          if (bisect && moods.length === 0) expect(parked.every((text) => poisoned.has(text))).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });
});
