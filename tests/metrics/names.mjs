// Prints each metric that a file asks for and the page does not have.
// usage: node names.mjs PAGE FILE...
import { readFileSync } from "node:fs";

const [page, ...files] = process.argv.slice(2);
const names = new Set();
for (const line of readFileSync(page, "utf8").split("\n")) {
  const sample = /^[a-z_]+/.exec(line);
  if (sample) names.add(sample[0]);
}
for (const file of files) {
  for (const [name] of readFileSync(file, "utf8").matchAll(/\b(wixtokend|process)_[a-z_]+\b/g)) {
    if (!names.has(name)) console.log(`${file}: ${name}`);
  }
}
