/** One record for the events stream. */
export interface EventRecord {
  /** Records of one key stay in order; 1 to 256 characters. */
  readonly partitionKey: string;
  /** The event's JSON text. */
  readonly data: string;
}

/** The stream that events come by. */
export interface EventStream {
  /**
   * Put every record, at least once.
   *
   * @throws {DependencyError} when not all of them are in after bounded retries; some may be. Put all of them again.
   */
  put(records: readonly EventRecord[]): Promise<void>;
}
