/** The keys that models' private values are concealed with; one each, made when a package first declares any. */
export interface ConcealerKeys {
  /**
   * @returns the model's 32 bytes.
   * @throws {ModelArtifactError} `model.package` when there is no such key, or it is none.
   * @throws {DependencyError} when it cannot be read.
   */
  read(model: string): Promise<Uint8Array>;
}
