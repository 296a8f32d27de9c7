import fc from "fast-check";

/**
 * Property tests draw the same cases on every run, so that a change is what turns a check red and never the draw.
 * `PROPERTY_SEED=<number>` draws others: run it so from time to time, and keep what it finds as a test of its own.
 */
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 20_010_131) });
