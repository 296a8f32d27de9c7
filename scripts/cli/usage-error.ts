/** A command was called in a way it cannot do; the message has one line per problem. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
