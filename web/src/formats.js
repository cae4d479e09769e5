// The formats of each notation: their names, what a file of them is called, and how they get out of the page.

const NOTATIONS = {
  formula: {
    name: "Formula",
    text: { key: "latex", name: "LaTeX", ending: "tex", type: "application/x-tex" },
    formats: { mathml: { name: "MathML", ending: "mml", type: "application/mathml+xml" } },
  },
  molecule: {
    name: "Molecule",
    text: { key: "target", name: "Drawing", ending: "txt", type: "text/plain" },
    formats: {
      smiles: { name: "SMILES", ending: "smi", type: "chemical/x-daylight-smiles" },
      inchi: { name: "InChI", ending: "inchi", type: "chemical/x-inchi" },
      molfile: { name: "Molfile", ending: "mol", type: "chemical/x-mdl-molfile" },
      ssml: { name: "SSML", ending: "txt", type: "text/plain" },
    },
  },
  music: {
    name: "Music",
    text: { key: "semantic", name: "Symbols", ending: "semantic", type: "text/plain" },
    formats: {
      musicxml: { name: "MusicXML", ending: "musicxml", type: "application/vnd.recordare.musicxml+xml" },
      mei: { name: "MEI", ending: "mei", type: "application/mei+xml" },
      midi: { name: "MIDI", ending: "mid", type: "audio/midi", base64: true },
      abc: { name: "ABC", ending: "abc", type: "text/vnd.abc" },
      pae: { name: "Plaine & Easie", ending: "pae", type: "text/plain" },
      agnostic: { name: "Agnostic", ending: "agnostic", type: "text/plain" },
      bars: { name: "Bars", ending: "txt", type: "text/plain" },
    },
  },
  text: { name: "Text", text: { key: "text", name: "Text", ending: "txt", type: "text/plain" }, formats: {} },
};

export const notationName = (notation) => NOTATIONS[notation]?.name ?? notation;

const ofText = (notation) =>
  NOTATIONS[notation]?.text ?? { key: "text", name: "Text", ending: "txt", type: "text/plain" };

/** The line in which the text of a notation is edited is named after what it is. */
export const textName = (notation) => ofText(notation).name;

/** What most people take: the text, except of molecules and music, whose texts only Glyphic speaks. */
export const favourite = (notation) => ({ molecule: "smiles", music: "musicxml" })[notation] ?? ofText(notation).key;

/** A text and its formats -> [{key, name, ending, type, content, base64}], the favourite first. */
export function written(notation, text, formats) {
  const known = NOTATIONS[notation]?.formats ?? {};
  const first = ofText(notation);
  const all = [{ ...first, content: text }];
  for (const [key, content] of Object.entries(formats ?? {})) {
    if (typeof content !== "string" || !content || key === "text" || key === first.key) continue;
    all.push({ key, ...(known[key] ?? { name: key, ending: "txt", type: "text/plain" }), content });
  }
  const order = [favourite(notation), ...Object.keys(known), first.key];
  const rank = ({ key }) => (order.includes(key) ? order.indexOf(key) : order.length);
  return all.sort((a, b) => rank(a) - rank(b));
}

export async function copy({ content }) {
  await navigator.clipboard.writeText(content);
}

export function download({ content, type, ending, base64 }, name) {
  const bytes = base64 ? Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0)) : content;
  save(new Blob([bytes], { type }), `${name}.${ending}`);
}

export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
