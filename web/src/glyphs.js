// A token as it is shown on a button, and as it is said.

import { h } from "./dom.js";

const ACCIDENTALS = { "##": "𝄪", "#": "♯", bb: "𝄫", b: "♭" };

function noteInWords(token) {
  const found = /^(note|gracenote|rest)-(?:([A-G])(##|#|bb|b)?(\d)_)?(.+)$/.exec(token);
  if (!found) return token.replace(/^(clef|keySignature|timeSignature|multirest)-/, (_, kind) => `${KINDS[kind]} `);
  const [, kind, step, accidental, octave, value] = found;
  const pitch = step ? `${step}${ACCIDENTALS[accidental] ?? ""}${octave} ` : "";
  const length = value.replace(/\.+/, (dots) => (dots.length > 1 ? " double dotted" : " dotted")).replaceAll("_", " ");
  return `${pitch}${length}${{ gracenote: " grace note", rest: " rest" }[kind] ?? ""}`;
}

const KINDS = { clef: "clef", keySignature: "key", timeSignature: "metre", multirest: "bars of rest:" };

/** As it is said to screen readers, and written where no drawing of it is at hand. */
export function inWords(notation, token) {
  if (!token) return "nothing";
  if (token === " ") return "space";
  return notation === "music" ? noteInWords(token) : token;
}

/** As it is shown. Formulas: as KaTeX sets the token, where it can stand alone. */
export function glyph(notation, token) {
  const shown = h("span", { class: `glyph ${notation}` }, token === " " ? "␣" : inWords(notation, token));
  if (notation === "formula" && token && !/[{}&]|\\\\|^[_^]$/.test(token)) {
    import("./draw/formula.js").then(({ draw }) => draw(shown, { text: token })).catch(() => {});
  }
  return shown;
}
