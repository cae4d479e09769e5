// The worker in which Verovio engraves: MEI and a width -> SVG, and when which note sounds.

import createModule from "./verovio/module.js";
import { LOG_OFF, VerovioToolkit, enableLog } from "./verovio/toolkit.js";

const SCALE = 0.62; // of Verovio's units to pixels: staves as large as in a printed song book

const toolkit = createModule().then((module) => {
  enableLog(LOG_OFF, module); // what is wrong with a staff is told by its answer
  return new VerovioToolkit(module);
});

onmessage = async ({ data: { id, mei, width } }) => {
  try {
    const verovio = await toolkit;
    verovio.setOptions({
      adjustPageHeight: true,
      adjustPageWidth: true,
      breaks: "auto",
      footer: "none",
      header: "none",
      pageHeight: 60000,
      pageMarginBottom: 20,
      pageMarginLeft: 20,
      pageMarginRight: 20,
      pageMarginTop: 20,
      pageWidth: Math.max(700, Math.round(width / SCALE)),
      scale: 100 * SCALE,
      svgRemoveXlink: true,
      svgViewBox: true,
    });
    if (!verovio.loadData(mei)) throw new Error("Verovio cannot engrave this staff.");
    const notes = [];
    for (const { on = [] } of verovio.renderToTimemap({})) {
      for (const note of on) {
        const { time, duration, pitch } = verovio.getMIDIValuesForElement(note);
        if (duration > 0) notes.push({ note, start: time / 1000, seconds: duration / 1000, pitch });
      }
    }
    postMessage({ id, svg: verovio.renderToSVG(1), notes });
  } catch (error) {
    postMessage({ id, error: String(error.message ?? error) });
  }
};
