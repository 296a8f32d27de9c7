import { formatTable } from "../summary/table.ts";
import type { EventFeatures, EventSource, FeatureRow, FeatureValue, ViewSource } from "./explain-features.ts";

/** Lay an event's features out for a terminal, a line each; long values are cut. */
export function formatFeatures(features: EventFeatures): readonly string[] {
  const { model, digest, eventId, eventTime, asks } = features;
  const rows = features.features.map(({ name, value, source }) => [
    name,
    showValue(value),
    showSource(source),
  ]);
  return [
    `${model} ${digest.slice(0, 12)}${eventId === undefined ? "" : `, event ${showText(eventId)}`}, ${showTime(eventTime)}`,
    ...(asks ? [] : ["On the stream this event asks for nothing: predictOn does not match it."]),
    "",
    ...formatTable([["feature", "value", "from"], ...rows], { gap: 2, alignRight: [1] }),
  ];
}

function showSource(source: FeatureRow["source"]): string {
  return source.from === "event" ? showEvent(source) : showView(source);
}

function showEvent({ path, raw, isDefault }: EventSource): string {
  const found = raw === undefined ? "nothing" : cut(JSON.stringify(raw));
  return `event, ${path}: ${found}${isDefault ? ", so the default" : ""}`;
}

function showView(source: ViewSource): string {
  const { agg, over, view, key, raw, isDefault, tilesMerged, itemsRead } = source;
  const span = `${showTime(source.begins)} to ${showTime(source.ends)}`;
  const found = isDefault
    ? `nothing, so the default ${showNumber(raw)}`
    : `${showNumber(raw)} from ${plural(tilesMerged, "tile")} in ${plural(itemsRead, "item")}`;
  return `${agg} over ${over} of ${view} at ${showText(key)}, ${span}: ${found}`;
}

/** A text as it is, unless it would do something to the terminal. */
function showText(text: string): string {
  return cut(/\p{C}/u.test(text) ? JSON.stringify(text) : text);
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function showValue(value: FeatureValue): string {
  if (typeof value === "number") return showNumber(value);
  return cut(typeof value === "string" ? JSON.stringify(value) : `[${value.map(showNumber).join(", ")}]`);
}

/** As many digits as a 32-bit float has. */
function showNumber(value: number): string {
  return String(Number(value.toPrecision(7)));
}

/** ISO 8601 in UTC, to the minute where nothing is lost by it. */
function showTime(instant: string): string {
  return instant.replace(/:00\.000Z$/, "Z").replace(/\.000Z$/, "Z");
}

function cut(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
