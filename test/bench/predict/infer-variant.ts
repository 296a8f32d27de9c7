import type { APIGatewayProxyEvent } from "aws-lambda";
import { answerRest } from "../../../functions/adapters/http/rest-handler.ts";
import { MemoryEventStream } from "../../../functions/adapters/memory/memory-event-stream.ts";
import { MemoryLogger } from "../../../functions/adapters/memory/memory-logger.ts";
import { MemoryPredictionStore } from "../../../functions/adapters/memory/memory-prediction-store.ts";
import { inferResponse } from "../../../functions/contract/oip.ts";
import { createBreaker } from "../../../functions/core/rollout/breaker.ts";
import { createRoutes } from "../../../functions/predict/routes.ts";
import { memoryModel } from "../throughput/memory-model.ts";
import type { Variant } from "../throughput/variant.ts";
import type { Workload } from "../throughput/workload.ts";

/** The predict function's whole call, as its handler makes it, on ports in memory: API Gateway's event in, answer's text out. */
export async function inferVariant(name: string, workload: Workload): Promise<Variant<APIGatewayProxyEvent>> {
  const { release, ...loaded } = await memoryModel(workload);
  const routes = createRoutes({
    ...loaded,
    breaker: createBreaker({ nowMs: () => performance.now() }),
    store: new MemoryPredictionStore(),
    events: new MemoryEventStream(),
    logger: new MemoryLogger(),
    keepSeconds: 86_400,
    viewsOf: async () => undefined,
    corsOrigins: [],
    now: Date.now,
    nowMs: () => performance.now(),
  });
  let answers: string[] = [];
  return {
    name,
    async run(event) {
      const { statusCode, body } = await answerRest(routes, event);
      if (statusCode !== 200) throw new Error(`${name}: got status ${statusCode}: ${body.slice(0, 500)}`);
      answers.push(body);
    },
    takeScores() {
      loaded.metrics.recorded.length = 0;
      const taken = answers.flatMap((text) => scoresOf(text, workload.tensor));
      answers = [];
      return taken;
    },
    release,
  };
}

function scoresOf(answer: string, { name, width, column }: Workload["tensor"]): number[] {
  const { outputs } = inferResponse.parse(JSON.parse(answer));
  const { data } = outputs.find((each) => each.name === name)!;
  return Array.from({ length: data.length / width }, (_, row) => Number(data[row * width + column]));
}
