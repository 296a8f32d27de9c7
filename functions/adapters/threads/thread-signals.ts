/**
 * Places of the numbers by which threads tell each other how far they are, in shared memory of {@link signalBytes}: a message through the event
 * loop costs as much as a small level of a tree does.
 */
export const signals = {
  /** Goes up when there is work. */
  begun: 0,
  /** Threads that have done it, or failed. */
  done: 1,
  /** 1 once a thread has failed. */
  failed: 2,
} as const;

export const signalBytes = 4 * Object.keys(signals).length;
