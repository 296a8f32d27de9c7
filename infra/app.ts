import { createHeadraceApp } from "./headrace-app.ts";

createHeadraceApp().app.synth();
