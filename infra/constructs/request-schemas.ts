import { type JsonSchema, JsonSchemaType, JsonSchemaVersion } from "aws-cdk-lib/aws-apigateway";

/*
 * What the gateway checks before it wakes a function: the outer shape, so that nothing that cannot be a request costs an
 * invocation. Whatever a caller may get wrong inside it is left to the function, which can say what and where.
 */

const text: JsonSchema = { type: JsonSchemaType.STRING };
const object: JsonSchema = { type: JsonSchemaType.OBJECT };
const array: JsonSchema = { type: JsonSchemaType.ARRAY };

/** Body of an infer request. @see Open Inference Protocol v2, `inference_rest.md`, "Inference Request JSON Object" */
export const inferRequestSchema: JsonSchema = {
  schema: JsonSchemaVersion.DRAFT4,
  type: JsonSchemaType.OBJECT,
  required: ["inputs"],
  properties: {
    id: text,
    parameters: object,
    inputs: {
      type: JsonSchemaType.ARRAY,
      minItems: 1,
      items: {
        type: JsonSchemaType.OBJECT,
        required: ["name", "shape", "datatype", "data"],
        properties: { name: text, shape: array, datatype: text, parameters: object },
      },
    },
    outputs: {
      type: JsonSchemaType.ARRAY,
      items: {
        type: JsonSchemaType.OBJECT,
        required: ["name"],
        properties: { name: text, parameters: object },
      },
    },
  },
};

/** Body of `POST /models/{name}/predict`; an event that is none is an error of its own, not of the request. */
export const predictRequestSchema: JsonSchema = {
  schema: JsonSchemaVersion.DRAFT4,
  type: JsonSchemaType.OBJECT,
  required: ["events"],
  properties: { events: array },
};

/** Body of `POST /models/{name}/outcomes`; what a label may be is the package's matter. */
export const outcomesRequestSchema: JsonSchema = {
  schema: JsonSchemaVersion.DRAFT4,
  type: JsonSchemaType.OBJECT,
  required: ["outcomes"],
  properties: {
    outcomes: {
      type: JsonSchemaType.ARRAY,
      minItems: 1,
      items: { type: JsonSchemaType.OBJECT, required: ["id", "label"] },
    },
  },
};
