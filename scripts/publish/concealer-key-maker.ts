import { randomBytes } from "node:crypto";
import { HeadObjectCommand, NotFound, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { isAwsError } from "../../functions/adapters/aws/aws-errors.ts";
import { callAws } from "../../functions/adapters/aws/call-aws.ts";
import { defaultRetry, type Retry } from "../../functions/adapters/aws/retry.ts";
import { concealerKeyBytes, concealerKeyName } from "../../functions/contract/concealer-key.ts";
import { DependencyError } from "../../functions/core/errors.ts";

/** Sees to it that a model has the key that its private values are concealed with. */
export interface ConcealerKeyMaker {
  /** Make a key unless there is one: a second key would give every value another stand-in. */
  ensure(model: string): Promise<void>;
}

/** Make keys in the models bucket. */
export function createConcealerKeyMaker(
  client: S3Client,
  bucket: string,
  retry: Retry = defaultRetry,
): ConcealerKeyMaker {
  return {
    async ensure(model) {
      const place = { Bucket: bucket, Key: concealerKeyName(model) };
      const what = (call: string) => `s3 ${call} ${bucket}/${place.Key}`;
      if (await callAws(what("HeadObject"), retry, () => stands(client, place))) return;
      // The condition decides between two publishers at once; without the look before, a store that knows no
      // conditions would write a new key at every publish.
      const put = new PutObjectCommand({ ...place, Body: randomBytes(concealerKeyBytes), IfNoneMatch: "*" });
      await callAws(what("PutObject"), retry, async () => {
        try {
          await client.send(put);
        } catch (error) {
          if (isAwsError(error, "PreconditionFailed")) return;
          if (isAwsError(error, "ConditionalRequestConflict")) throw underWay(place.Key, error);
          throw error;
        }
      });
    },
  };
}

async function stands(client: S3Client, place: { Bucket: string; Key: string }): Promise<boolean> {
  try {
    await client.send(new HeadObjectCommand(place));
    return true;
  } catch (error) {
    if (error instanceof NotFound) return false;
    throw error;
  }
}

/** Whether the other write succeeded is told by trying again. */
function underWay(key: string, cause: unknown): DependencyError {
  return new DependencyError(`${key}: another publisher writes it at this moment; publish again`, {
    code: "dependency.unavailable",
    details: { key },
    cause,
  });
}
