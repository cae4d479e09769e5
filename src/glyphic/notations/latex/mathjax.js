// A line of JSON {"texts": [TeX, ...], "display": true} on stdin -> a line of JSON on stdout: for each text MathJax's
// SVG (paths only, 1000 units an em), or null where MathJax refuses it or has no glyph for a character.

const { mathjax } = require("mathjax-full/js/mathjax.js");
const { TeX } = require("mathjax-full/js/input/tex.js");
const { SVG } = require("mathjax-full/js/output/svg.js");
const { liteAdaptor } = require("mathjax-full/js/adaptors/liteAdaptor.js");
const { RegisterHTMLHandler } = require("mathjax-full/js/handlers/html.js");
const { AllPackages } = require("mathjax-full/js/input/tex/AllPackages.js");

const adaptor = liteAdaptor();
RegisterHTMLHandler(adaptor);

function fresh() {
  const refuse = (_, error) => { throw error; };
  const packages = AllPackages.filter((name) => name !== "noerrors" && name !== "noundefined");
  return mathjax.document("", {
    InputJax: new TeX({ packages, formatError: refuse }),
    OutputJax: new SVG({ fontCache: "none" }),
  });
}

let page = fresh();

function draw(text, display) {
  try {
    const svg = adaptor.innerHTML(page.convert(text, { display }));
    return svg.includes("<text") || svg.includes("data-mjx-error") ? null : svg;
  } catch {
    page = fresh(); // nothing that a refused text defined or left open outlives it
    return null;
  }
}

require("readline").createInterface({ input: process.stdin, terminal: false }).on("line", (line) => {
  const { texts, display } = JSON.parse(line);
  process.stdout.write(JSON.stringify(texts.map((text) => draw(text, display))) + "\n");
});
