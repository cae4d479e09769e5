// A JSON array of strings a line on stdin -> a JSON array a line on stdout: null where KaTeX parses the formula, else
// its complaint.

const katex = require("katex");
const readline = require("readline");

const OPTIONS = { displayMode: true, throwOnError: true, strict: "ignore", trust: false };

function complaint(text) {
  try {
    katex.__parse(text, OPTIONS);
    return null;
  } catch (error) {
    return String(error.message);
  }
}

const lines = readline.createInterface({ input: process.stdin, terminal: false });
lines.on("line", (line) => process.stdout.write(JSON.stringify(JSON.parse(line).map(complaint)) + "\n"));
