/** A stack that is deployed. */
export interface Stack {
  readonly stackName: string;
  readonly stackId: string;
  readonly description: string | undefined;
  readonly templateBody: string;
  readonly createdAt: Date;
  /** In the order they were made. */
  readonly resources: readonly StackResource[];
  readonly outputs: readonly StackOutput[];
}

export interface StackResource {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly createdAt: Date;
  /** Undo the creation. Absent for what was only recorded. */
  readonly remove?: () => Promise<void>;
}

export interface StackOutput {
  readonly key: string;
  readonly value: string;
  readonly description: string | undefined;
  readonly exportName: string | undefined;
}

/** A deployment that failed; `cause` is the reason as the resource's service gave it. */
export class DeployError extends Error {
  override readonly name = "DeployError";
  readonly stackName: string;
  /** Absent when no single resource is at fault. */
  readonly logicalId: string | undefined;

  constructor(message: string, details: { stackName: string; logicalId?: string; cause?: unknown }) {
    super(message, { cause: details.cause });
    this.stackName = details.stackName;
    this.logicalId = details.logicalId;
  }
}
