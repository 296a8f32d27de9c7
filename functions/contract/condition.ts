import * as z from "zod/mini";
import { path } from "./path.ts";

export const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** Conditions on an event, all of which must hold: a path's value equals the given one, or one of the given ones. */
export const condition = z.record(path, z.union([scalar, z.array(scalar).check(z.minLength(1))]));

export type Condition = z.infer<typeof condition>;
