import type { Values } from "../cli/command.ts";
import { flag, integer } from "../cli/option.ts";
import { flightOptions } from "../replay/flight-options.ts";

const { flights, from, history, out, json } = flightOptions;

export const startCommand = {
  usage: "npm start --",
  summary:
    "Run Headrace whole on this machine: embedded cloud, deployment, model, and real flights through it.",
  options: {
    flights,
    from,
    history,
    port: integer("port of the embedded cloud on 127.0.0.1", {
      min: 0,
      max: 65_535,
      fallback: 0,
      shownDefault: "a free one",
    }),
    once: flag("end when the flights are through, also on a terminal"),
    out,
    json,
  },
  notes: "On a terminal it stays up until Ctrl-C and shows predictions as they come.",
};

export type StartOptions = Values<typeof startCommand.options>;
