/** What an SDK client of a started cloud needs; fresh at each call, because the SDK writes into it. */
export function localConfig(endpoint: string) {
  return { endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } };
}
