// Sources in web/ -> the page as the service serves it: app.js, app.css, fonts, the big libraries as files of their own,
// and THIRD_PARTY, the licences of all that comes along.

import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const page = process.argv[2] || join(here, "../src/glyphic/service/page");

// KaTeX names each font in three formats; every browser that runs this page reads the first.
const onlyWoff2 = {
  name: "only-woff2",
  setup(build) {
    build.onLoad({ filter: /katex[^/]*\.css$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(/,url\([^)]*\.(woff|ttf)\) format\("\w+"\)/g, ""),
      loader: "css",
    }));
  },
};

await rm(page, { recursive: true, force: true });
await mkdir(page, { recursive: true });

const result = await build({
  absWorkingDir: here,
  entryPoints: [
    { in: "src/app.js", out: "app" },
    { in: "src/app.css", out: "app" },
    { in: "src/theme.js", out: "theme" },
    { in: "src/draw/engraver.js", out: "engraver" },
  ],
  outdir: page,
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["chrome123", "firefox121", "safari17.5"], // light-dark() in colours
  minify: true,
  chunkNames: "parts/[name]-[hash]",
  assetNames: "fonts/[name]",
  loader: { ".woff2": "file" },
  external: ["./verovio/*"],
  metafile: true,
  legalComments: "none", // they stand in THIRD_PARTY
  plugins: [onlyWoff2],
  logLevel: "warning",
});

await cp(join(here, "index.html"), join(page, "index.html"));
await cp(join(here, "icon.svg"), join(page, "icon.svg"));

// Verovio is under the LGPL: its files are copied as they are, so that they can be replaced by another build of it.
await mkdir(join(page, "verovio"));
await cp(join(modules, "verovio/dist/verovio.mjs"), join(page, "verovio/toolkit.js"));
await cp(join(modules, "verovio/dist/verovio-module.mjs"), join(page, "verovio/module.js"));

// ---- licences: of each package that a built file comes from

const names = new Set(["verovio"]);
for (const input of Object.keys(result.metafile.inputs)) {
  const found = input.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//g)?.at(-1);
  if (found) names.add(found.slice("node_modules/".length, -1));
}
const notices = [];
for (const name of [...names].sort()) {
  const folder = join(modules, name);
  const { version, license, repository } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const where = repository?.url ?? repository ?? `https://www.npmjs.com/package/${name}`;
  const text = file ? (await readFile(join(folder, file), "utf8")).trim() : `Its licence: https://spdx.org/licenses/${license}`;
  notices.push(`${name} ${version}\n${license}\n${where}\n\n${text}\n`);
}
await writeFile(
  join(page, "THIRD_PARTY"),
  "The page of Glyphic holds the packages below. Verovio stands unmodified in verovio/, apart from all else, and may be\n" +
    "replaced by another build of it.\n\n" +
    notices.join(`\n${"-".repeat(100)}\n\n`),
);
