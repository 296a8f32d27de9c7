import { setTimeout as sleep } from "node:timers/promises";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "vitest";
import { objectClient } from "../../functions/adapters/aws/clients.ts";
import { DynamoLedger } from "../../functions/adapters/aws/dynamo-ledger.ts";
import { S3PackageStore } from "../../functions/adapters/aws/s3-package-store.ts";
import type { ModelDigest } from "../../functions/contract/ids.ts";
import { type PackageFileName, packageKey } from "../../functions/contract/manifest.ts";
import { tableModel } from "../../scripts/onnx/example-models.ts";
import { putAll } from "./support/events.ts";
import { call } from "./support/http-call.ts";
import { sumOf } from "./support/metrics.ts";
import { tableModelName as model, tableEvent, tablePackage } from "./support/package-folder.ts";
import { emitted, predictionsOf } from "./support/predictions.ts";
import { publish } from "./support/publish.ts";
import type { Stage } from "./support/stage.ts";
import { expectStoredOnce } from "./support/stored-predictions.ts";
import { itNeeding, openStage } from "./support/target.ts";
import { waitUntil } from "./support/wait-until.ts";

const score = [0.125, 0.25];

itNeeding("ownModels", "metrics")(
  "a version that fails its samples, is damaged, or that ONNX Runtime cannot load never answers, on the stream or over HTTPS, and nothing is lost",
  async () => {
    await using stage = await openStage({ models: { [model]: {} } });
    await using good = await tablePackage(score);
    const champion = (await publish(stage, good.path)).plan;
    const files = new Map(champion.files);
    const ledger = new DynamoLedger({ client: stage.tables, table: stage.outputs.LedgerTableName });
    const packages = new S3PackageStore({
      client: objectClient(stage.access),
      bucket: stage.outputs.ModelsBucketName,
    });
    const put: string[] = [];
    const putMore = async () => {
      const events = Array.from({ length: 20 }, (_, i) => tableEvent(`e${put.length + i}`, i % 2));
      put.push(...events.map(({ id }) => id));
      await putAll(
        stage,
        events.map((data) => ({ data, partitionKey: data.id })),
      );
    };

    const broken = [
      await packages.write(model, replaced(files, "model.onnx", tableModel({ table: [0.75, 1] }))),
      await packages.write(model, replaced(files, "model.onnx", Buffer.from("no model"))),
      await damaged(stage, await packages.write(model, replaced(files, "samples.jsonl", Buffer.from("")))),
    ];
    for (const [i, digest] of broken.entries()) {
      // As somebody would who writes into the ledger past every check.
      const newest = (await ledger.latest(model))!;
      await ledger.append({
        ...{ model, revision: newest.revision + 1, at: newest.at, by: "test", why: "broken" },
        change: { kind: "publish", digest, sourceDigest: digest, alias: "champion" },
        aliases: { champion: { digest } },
      });
      for (let round = 0; round < 6; round++) {
        await putMore();
        const answer = await call(stage, `/models/${model}/predict`, {
          body: { events: [tableEvent(`https-${i}-${round}`, 1)] },
        });
        expect([answer.status, answer.body]).toMatchObject([
          200,
          { predictions: [{ digest: champion.digest, outputs: { score: score[1] } }] },
        ]);
        put.push(`https-${i}-${round}`);
        await sleep(500);
      }
    }

    await predictionsOf(
      stage,
      model,
      put.filter((id) => !id.startsWith("https")),
    );
    await expectStoredOnce(stage, put);
    const digests = new Set((await emitted(stage)).map(({ prediction }) => prediction.digest));
    expect(digests).toEqual(new Set([champion.digest]));
    await waitUntil(stage, () => (sumOf(stage, model, "AliasErrors") >= 3 ? undefined : "AliasErrors"));
    const asked = await call(stage, `/v2/models/${model}/versions/${broken[0]}/ready`);
    expect([asked.status, asked.body]).toEqual([503, { name: model, ready: false }]);
  },
);

function replaced(
  files: ReadonlyMap<PackageFileName, Uint8Array>,
  name: PackageFileName,
  content: Uint8Array,
): ReadonlyMap<PackageFileName, Uint8Array> {
  return new Map(files).set(name, content);
}

/** Change a byte of a version as it is stored. */
async function damaged(stage: Stage, digest: ModelDigest): Promise<ModelDigest> {
  await stage.s3.send(
    new PutObjectCommand({
      Bucket: stage.outputs.ModelsBucketName,
      Key: packageKey(model, digest, "model.onnx"),
      Body: Buffer.from("another model"),
    }),
  );
  return digest;
}
