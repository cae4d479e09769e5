// A molfile -> the drawing, by OpenChemLib, and its editor.

import * as chemistry from "openchemlib";
import { adopt, h } from "../dom.js";

const LOOKS = { autoCrop: true, autoCropMargin: 16, suppressChiralText: true, suppressCIPParity: true, suppressESR: true };

function molecule({ molfile, smiles }) {
  const made = molfile ? chemistry.Molecule.fromMolfile(molfile) : smiles ? chemistry.Molecule.fromSmiles(smiles) : null;
  if (!made || !made.getAllAtoms()) throw new Error("This reading has no structure that can be drawn.");
  return made;
}

/** formats: molfile, or smiles; atoms: for each spot the number of its atom, or -1. */
export async function draw(place, { formats, atoms = [] }) {
  const drawn = molecule(formats);
  const svg = adopt(drawn.toSVG(560, 380, "drawn", LOOKS), "image/svg+xml").firstChild;
  for (const part of svg.querySelectorAll("*")) {
    for (const name of ["fill", "stroke"]) {
      const colour = part.getAttribute(name);
      if (/^rgb\(0, ?0, ?0\)$|^black$/.test(colour ?? "")) part.setAttribute(name, "currentColor");
    }
  }
  svg.removeAttribute("id");
  svg.style.maxWidth = `${2.4 * svg.viewBox.baseVal.width}px`;
  const count = drawn.getAllAtoms();
  for (const [index, atom] of atoms.entries()) {
    const circle = atom < 0 || atom >= count ? null : svg.querySelector(`[id="drawn:Atom:${atom}"]`);
    if (!circle) continue;
    circle.classList.add("glow");
    circle.dataset.spot = index;
    circle.setAttribute("r", "13");
    svg.prepend(circle);
  }
  for (const idle of svg.querySelectorAll(".event:not(.glow)")) idle.remove(); // what OpenChemLib would listen on
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `Molecule ${drawn.getMolecularFormula().formula}`);
  place.replaceChildren(svg);
}

/** The drawing board; onchange(molfile) after each change by hand. */
export async function edit(place, formats, onchange) {
  const board = h("div", { class: "drawing-board", role: "application", "aria-label": "Molecule, editable" });
  place.replaceChildren(board);
  const editor = new chemistry.CanvasEditor(board, { initialMode: "molecule" });
  const shown = molecule(formats);
  editor.setMolecule(shown);
  editor.setOnChangeListener(({ type, isUserEvent }) => {
    if (type === "molecule" && isUserEvent) onchange(described(editor.getMolecule()));
  });
  return { focus: () => board.focus(), close: () => editor.destroy() };
}

function described(drawn) {
  return { molfile: drawn.toMolfile(), smiles: drawn.toIsomericSmiles() };
}
