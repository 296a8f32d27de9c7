import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { expect, it, onTestFinished } from "vitest";
import { discoverStage, discoverStatelessModels } from "../../scripts/discover.ts";

const outputs = {
  EventsStreamName: "events-1",
  PredictionsStreamName: "predictions-1",
  LedgerTableName: "ledger-1",
  PredictionsTableName: "table-1",
  CacheTableName: "cache-1",
  TilesTableName: "tiles-1",
  SketchesTableName: "sketches-1",
  ModelsBucketName: "models-1",
  DataBucketName: "data-1",
  ParkedBucketName: "parked-1",
};

/** A CloudFormation that gives one answer to every request; `asked` are the request bodies. */
async function serve(status: number, body: string) {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    asked.push(text);
    response.writeHead(status, { "content-type": "text/xml" }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = new CloudFormationClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "eu-west-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });
  onTestFinished(async () => {
    client.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { client, asked };
}

function described(values: Record<string, string>): string {
  const members = Object.entries(values).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  return `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>
    <StackName>s</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime>
    <Outputs>${members.join("")}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
}

function failure(code: string, message: string): string {
  return `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
}

it("a stage is found by the outputs of its state stack; outputs of other use are let be", async () => {
  const { client, asked } = await serve(200, described({ ...outputs, ExportsOutputRef: "x" }));

  expect(await discoverStage("prod", client)).toEqual(outputs);
  expect(asked[0]).toContain("StackName=Headrace-prod-State");
});

it("a stage that is not deployed is an error that says where it was looked for and what to do", async () => {
  const { client } = await serve(
    400,
    failure("ValidationError", "Stack with id Headrace-dev-State does not exist"),
  );

  await expect(discoverStage("dev", client)).rejects.toThrow(
    /stack Headrace-dev-State at .*eu-west-1: got no such stack; deploy the stage \(npm run deploy\), or set AWS_ENDPOINT_URL/,
  );
});

it("a stack without an output we need is an error that names it", async () => {
  const { DataBucketName: _, ...most } = outputs;
  const { client } = await serve(200, described(most));

  await expect(discoverStage("dev", client)).rejects.toThrow(
    "got a stack without the outputs DataBucketName",
  );
});

it("a refused request keeps its own reason", async () => {
  const { client } = await serve(403, failure("AccessDenied", "not for you"));

  await expect(discoverStage("dev", client)).rejects.toMatchObject({
    message: expect.stringContaining("stack Headrace-dev-State at"),
    cause: { name: "AccessDenied" },
  });
});

it("models that may keep no state are read from the serving stack, API or not", async () => {
  const { client, asked } = await serve(200, described({ StatelessModels: "a,b-2" }));
  expect(await discoverStatelessModels("dev", client)).toEqual(["a", "b-2"]);
  expect(asked[0]).toContain("StackName=Headrace-dev-Serving");

  expect(await discoverStatelessModels("dev", (await serve(200, described({}))).client)).toEqual([]);
});

it("before anything is served there is no model that may keep no state", async () => {
  const { client } = await serve(
    400,
    failure("ValidationError", "Stack with id Headrace-dev-Serving does not exist"),
  );
  expect(await discoverStatelessModels("dev", client)).toEqual([]);
});
