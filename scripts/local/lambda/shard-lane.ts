import { AwsError } from "../aws-error.ts";
import type { ShardCursor } from "../kinesis/reader.ts";
import { type Backoff, backoffMs, type Timing } from "./backoff.ts";
import { type Batch, type EventSource, kinesisEvent } from "./batch.ts";
import { type BatchVerdict, readBatchResponse } from "./batch-response.ts";
import { type EventSourceMapping, reportsItemFailures } from "./event-source-config.ts";
import type { GivenUp } from "./failure-destination.ts";
import { RecordBuffer } from "./record-buffer.ts";

/** Invoke a function with one event; rejects when the function was not run (throttled, unknown, too large). */
export type BatchInvoker = (
  functionName: string,
  event: string,
) => Promise<{
  readonly payload: Buffer | string;
  readonly functionError?: string;
  readonly requestId: string;
}>;

export interface ShardLaneOptions {
  readonly source: EventSource;
  readonly cursor: ShardCursor;
  /** Read before every batch, so that an update takes effect with the next one. */
  readonly mapping: () => EventSourceMapping;
  readonly invoke: BatchInvoker;
  /** Resolves when the records are at their destination, or are discarded for want of one. */
  readonly giveUp: (
    given: Pick<GivenUp, "condition" | "records" | "invocations" | "lastFailure">,
  ) => Promise<void>;
  readonly timing: Timing;
  readonly backoff: Backoff;
  readonly onResult: (result: string) => void;
  /** Milliseconds between the arrival of a finished batch's last record and now. */
  readonly onIteratorAge: (ageMs: number) => void;
}

/**
 * One shard of one event source, or a part of its partition keys: reads batches and sends them one at a time, in order, until each is done.
 *
 * What failed stands in a list in stream order and is wholly dealt with before anything new is read. The lane can
 * be stopped between two steps and run again: nothing is lost, and nothing that succeeded is sent again.
 */
export class ShardLane {
  readonly #options: ShardLaneOptions;
  readonly #buffer: RecordBuffer;
  #batches: Batch[] = [];
  #failuresInRow = 0;

  constructor(options: ShardLaneOptions) {
    this.#options = options;
    this.#buffer = new RecordBuffer(options.source, options.cursor, options.timing);
  }

  /** True while every record that has arrived is done. */
  get isIdle(): boolean {
    return this.#batches.length === 0 && this.#buffer.isWaiting;
  }

  /** Resolves when the shard has ended and its last record is done; rejects with the signal's reason when aborted. */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#batches.length === 0) {
        const records = await this.#buffer.take(this.#options.mapping(), signal);
        if (records === undefined) return;
        this.#batches.push({ records, attempts: 0, invocations: 0 });
      }
      await this.#step(signal);
    }
  }

  /** Move the first batch on: give up what has no chances left, or else send it. */
  async #step(signal: AbortSignal): Promise<void> {
    const [batch, ...rest] = this.#batches as [Batch, ...Batch[]];
    const mapping = this.#options.mapping();
    const expired = this.#expiredCount(batch, mapping);
    if (expired > 0) {
      const left = { ...batch, records: batch.records.slice(expired) };
      await this.#giveUp({ ...batch, records: batch.records.slice(0, expired) }, "RecordAgeExceeded", signal);
      this.#batches = left.records.length > 0 ? [left, ...rest] : rest;
    } else if (mapping.maximumRetryAttempts >= 0 && batch.attempts > mapping.maximumRetryAttempts) {
      await this.#giveUp(batch, "RetryAttemptsExhausted", signal);
      this.#batches = rest;
    } else {
      await this.#send(batch, mapping, signal);
    }
  }

  async #send(batch: Batch, mapping: EventSourceMapping, signal: AbortSignal): Promise<void> {
    let answer: Awaited<ReturnType<BatchInvoker>>;
    try {
      answer = await this.#options.invoke(
        mapping.functionName,
        kinesisEvent(batch.records, this.#options.source),
      );
    } catch (error) {
      return this.#notInvoked(batch, error, mapping, signal);
    }
    const tried: Batch = {
      ...batch,
      invocations: batch.invocations + 1,
      lastFailure: { requestId: answer.requestId, functionError: answer.functionError },
    };
    return this.#settle(tried, verdictOf(answer, batch, mapping), mapping, signal);
  }

  /** Throttled, unknown or out of reach is no attempt and is tried again; an event that is too large never will fit. */
  async #notInvoked(
    batch: Batch,
    error: unknown,
    mapping: EventSourceMapping,
    signal: AbortSignal,
  ): Promise<void> {
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof AwsError && error.code === "RequestEntityTooLargeException") {
      return this.#settle(batch, { kind: "failed", reason }, mapping, signal);
    }
    this.#options.onResult(`PROBLEM: ${reason}`);
    await this.#backOff(signal);
  }

  async #settle(
    batch: Batch,
    verdict: BatchVerdict,
    mapping: EventSourceMapping,
    signal: AbortSignal,
  ): Promise<void> {
    const rest = this.#batches.slice(1);
    if (verdict.kind === "success") {
      this.#batches = rest;
      this.#failuresInRow = 0;
      this.#done(batch.records.length, batch);
      return this.#options.onResult("OK");
    }
    this.#options.onResult(
      `PROBLEM: Function call failed${verdict.kind === "failed" ? `: ${verdict.reason}` : ""}`,
    );
    const { records } = batch;
    const bisects = mapping.bisectBatchOnFunctionError;
    if (verdict.kind === "partial" && verdict.index > 0) {
      // With bisect on, the reported record is where the batch is split, and a split costs no attempt.
      const attempts = bisects ? batch.attempts : batch.attempts + 1;
      this.#batches = [{ ...batch, records: records.slice(verdict.index), attempts }, ...rest];
      this.#failuresInRow = 0;
      this.#done(verdict.index, batch);
      return this.#backOff(signal);
    }
    if (bisects && records.length > 1) {
      const middle = Math.ceil(records.length / 2);
      const halves = [records.slice(0, middle), records.slice(middle)];
      this.#batches = [...halves.map((half) => ({ ...batch, records: half })), ...rest];
      return;
    }
    this.#batches = [{ ...batch, attempts: batch.attempts + 1 }, ...rest];
    return this.#backOff(signal);
  }

  async #giveUp(batch: Batch, condition: GivenUp["condition"], signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        await this.#options.giveUp({ ...batch, condition });
        this.#failuresInRow = 0;
        return;
      } catch (error) {
        this.#options.onResult(
          `PROBLEM: on-failure destination: ${error instanceof Error ? error.message : error}`,
        );
        await this.#backOff(signal);
      }
    }
  }

  #expiredCount({ records }: Batch, { maximumRecordAgeSeconds }: EventSourceMapping): number {
    if (maximumRecordAgeSeconds < 0) return 0;
    const oldestMs = this.#options.timing.now() - maximumRecordAgeSeconds * 1000;
    const firstYoung = records.findIndex(({ arrivalTimestampMs }) => arrivalTimestampMs >= oldestMs);
    return firstYoung < 0 ? records.length : firstYoung;
  }

  #done(count: number, { records }: Batch): void {
    this.#options.onIteratorAge(
      Math.max(0, this.#options.timing.now() - records[count - 1]!.arrivalTimestampMs),
    );
  }

  async #backOff(signal: AbortSignal): Promise<void> {
    this.#failuresInRow += 1;
    const { backoff, timing } = this.#options;
    await timing.sleep(backoffMs(backoff, this.#failuresInRow, timing.random), signal);
  }
}

function verdictOf(
  answer: Awaited<ReturnType<BatchInvoker>>,
  { records }: Batch,
  mapping: EventSourceMapping,
): BatchVerdict {
  if (answer.functionError !== undefined) {
    return { kind: "failed", reason: answer.payload.toString().slice(0, 500) };
  }
  if (!reportsItemFailures(mapping)) return { kind: "success" };
  return readBatchResponse(
    answer.payload,
    records.map(({ sequenceNumber }) => sequenceNumber),
  );
}
