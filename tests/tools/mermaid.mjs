// Reads a diagram from stdin with Mermaid's own parser; exits with 1 and its words if it does not parse.
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

const { window } = new JSDOM("<!doctype html><body></body>");
globalThis.window = window;
globalThis.document = window.document;
globalThis.Option = window.Option;
const { default: mermaid } = await import("mermaid");
try {
  await mermaid.parse(readFileSync(0, "utf8"));
} catch (error) {
  console.log(String(error));
  process.exit(1);
}
