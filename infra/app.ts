import { ConfigError } from "./config/config-error.ts";
import { createHeadraceApp } from "./headrace-app.ts";

try {
  createHeadraceApp().app.synth();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  // The message says what to change; a stack would only bury it.
  console.error(`${error.name}: ${error.message}`);
  process.exitCode = 1;
}
