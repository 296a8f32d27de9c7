/**
 * What AWS asks per million units, in USD: us-east-1, on demand, without the free tier.
 *
 * They make the estimate on the dashboards and nothing else. What is paid by the hour (streams, shards, keys, dashboards),
 * logs and metrics are not in it. Other regions differ by some tens of percent: put your own here.
 *
 * @see https://aws.amazon.com/lambda/pricing/ and the pages of DynamoDB, Kinesis Data Streams and API Gateway
 */
export const pricesPerMillion = {
  /** A second of one GiB. */
  lambdaGibSeconds: { arm64: 13.3334, x86_64: 16.6667 },
  lambdaRequests: 0.2,
  /** On demand; a unit is one write of up to 1 KB. */
  dynamoWriteUnits: 0.625,
  /** On demand; a unit is one consistent read of up to 4 KB. */
  dynamoReadUnits: 0.125,
  /** Of a provisioned stream; a unit is a record of up to 25 KB. */
  kinesisPutUnits: 0.014,
  /** Into an on-demand stream and once out of it: 0.08 and 0.04 USD per GB. */
  kinesisBytes: (0.08 + 0.04) / 1000,
  apiRequests: 3.5,
} as const;
