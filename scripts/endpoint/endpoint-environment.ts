/** Variables by which the CDK, the tests and this script's own clients find an endpoint. */
export type EndpointEnvironment = Readonly<
  Record<
    | "AWS_ENDPOINT_URL"
    | "AWS_ENDPOINT_URL_S3"
    | "AWS_REGION"
    | "AWS_ACCESS_KEY_ID"
    | "AWS_SECRET_ACCESS_KEY"
    | "CDK_HOME",
    string
  >
>;

/** The CDK remembers the account of each access key id, so one that is also used elsewhere would mislead it. */
const ownKey = "headrace-endpoint";

/**
 * The environment that reaches an endpoint, and never an account.
 *
 * @param endpoint - its URL.
 * @param cdkHome - an empty folder for what the CDK remembers of accounts.
 * @param given - of the user: region and keys are taken from it where they are set; profiles are not.
 * @throws {Error} when the endpoint is AWS.
 */
export function endpointEnvironment(
  endpoint: string,
  cdkHome: string,
  given: NodeJS.ProcessEnv,
): EndpointEnvironment {
  if (!URL.canParse(endpoint)) throw new Error(`AWS_ENDPOINT_URL: got "${endpoint}", expected a URL`);
  if (/(^|\.)(amazonaws\.com(\.cn)?|api\.aws)$/.test(new URL(endpoint).hostname)) {
    throw new Error(
      `AWS_ENDPOINT_URL: got ${endpoint}, which is AWS, expected a local cloud: the stacks are deleted in the end; for an account use npm run deploy`,
    );
  }
  return {
    AWS_ENDPOINT_URL: endpoint,
    // The CDK uploads assets by a client that knows only S3's own variable.
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: given.AWS_REGION || "us-east-1",
    AWS_ACCESS_KEY_ID: given.AWS_ACCESS_KEY_ID || ownKey,
    AWS_SECRET_ACCESS_KEY: given.AWS_SECRET_ACCESS_KEY || ownKey,
    CDK_HOME: cdkHome,
  };
}
