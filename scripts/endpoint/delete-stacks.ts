import {
  type CloudFormationClient,
  DeleteStackCommand,
  DescribeStacksCommand,
  paginateListStackResources,
  waitUntilStackDeleteComplete,
} from "@aws-sdk/client-cloudformation";
import { DeleteObjectsCommand, ListObjectVersionsCommand, type S3Client } from "@aws-sdk/client-s3";

const deleteTimeoutSeconds = 120;

export interface StackClients {
  readonly cloudformation: CloudFormationClient;
  readonly s3: S3Client;
}

/**
 * Delete stacks one after the other, with what their buckets hold; those that do not exist are passed over.
 *
 * `cdk destroy` would stop at a bucket that holds something.
 *
 * @param names - those that depend on others first.
 * @returns names of those deleted.
 * @throws {Error} when one still stands after two minutes, or its deletion fails.
 */
export async function deleteStacks(
  names: readonly string[],
  clients: StackClients,
): Promise<readonly string[]> {
  const deleted: string[] = [];
  for (const name of names) {
    if (!(await stackExists(name, clients.cloudformation))) continue;
    await emptyBuckets(name, clients);
    await clients.cloudformation.send(new DeleteStackCommand({ StackName: name }));
    const waiting = {
      client: clients.cloudformation,
      maxWaitTime: deleteTimeoutSeconds,
      minDelay: 1,
      maxDelay: 2,
    };
    await waitUntilStackDeleteComplete(waiting, { StackName: name });
    deleted.push(name);
  }
  return deleted;
}

/** Whether a stack stands, in whatever state. */
export async function stackExists(name: string, client: CloudFormationClient): Promise<boolean> {
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
    return Stacks.some(({ StackStatus }) => StackStatus !== "DELETE_COMPLETE");
  } catch (error) {
    // CloudFormation has no error of its own for a missing stack.
    if (error instanceof Error && error.name === "ValidationError" && /not exist/.test(error.message))
      return false;
    throw error;
  }
}

/** CloudFormation deletes empty buckets only. */
async function emptyBuckets(stack: string, { cloudformation, s3 }: StackClients): Promise<void> {
  const buckets: string[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources(
    { client: cloudformation },
    { StackName: stack },
  )) {
    for (const { ResourceType, PhysicalResourceId } of StackResourceSummaries) {
      if (ResourceType === "AWS::S3::Bucket" && PhysicalResourceId) buckets.push(PhysicalResourceId);
    }
  }
  for (const bucket of buckets) await emptyBucket(bucket, s3);
}

async function emptyBucket(bucket: string, s3: S3Client): Promise<void> {
  for (;;) {
    // Always the first page: what was on it is gone.
    const { Versions = [], DeleteMarkers = [] } = await s3.send(
      new ListObjectVersionsCommand({ Bucket: bucket }),
    );
    const objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
    if (objects.length === 0) return;
    const { Errors = [] } = await s3.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } }),
    );
    if (Errors.length > 0) {
      throw new Error(
        `bucket ${bucket}: ${Errors.length} objects stay, e.g. ${Errors[0]!.Key}: ${Errors[0]!.Message}`,
      );
    }
  }
}
