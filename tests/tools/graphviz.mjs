// Lays out a diagram from stdin with Graphviz (as WebAssembly); exits with 1 and its words if it does not parse.
import { readFileSync } from "node:fs";
import { instance } from "@viz-js/viz";

const done = (await instance()).render(readFileSync(0, "utf8"), { format: "svg" });
// Warnings are of fonts that are not there.
const told = done.errors.filter((error) => error.level === "error");
if (done.status !== "success" || told.length > 0) {
  console.log(JSON.stringify(told));
  process.exit(1);
}
