/** Environment variables of a deployed function, as its configuration has them. */
export interface FunctionVariables {
  readonly variables: Readonly<Record<string, string>>;
  /** Changes with every change of the configuration. */
  readonly revision: string;
}

/** Reads and replaces the environment variables of deployed functions. */
export interface FunctionEnvironment {
  /** @throws {DependencyError} when they cannot be read, or the function hides them. */
  read(functionName: string): Promise<FunctionVariables>;
  /**
   * Replace all variables of a function: its execution environments are then replaced too, each after the calls that it
   * is at.
   *
   * @param next - `revision`: of the configuration that `variables` were made from.
   * @throws {ConflictError} when the configuration is of another revision, or is being changed: nothing was written.
   * @throws {DependencyError} when it cannot be written.
   */
  replace(functionName: string, next: FunctionVariables): Promise<void>;
}
