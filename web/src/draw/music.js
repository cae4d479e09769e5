// MEI -> the staff as Verovio engraves it, with its notes as they sound.

import { adopt } from "../dom.js";

let engraver;
let asked = 0;
const waiting = new Map();

function engrave(mei, width) {
  if (!engraver) {
    engraver = new Worker("engraver.js", { type: "module" });
    engraver.onmessage = ({ data }) => {
      const { resolve, reject } = waiting.get(data.id);
      waiting.delete(data.id);
      if (data.error) reject(new Error(data.error));
      else resolve(data);
    };
    engraver.onerror = (event) => {
      for (const { reject } of waiting.values()) reject(new Error(event.message || "The engraver could not be started."));
      waiting.clear();
      engraver = undefined;
    };
  }
  return new Promise((resolve, reject) => {
    waiting.set(++asked, { resolve, reject });
    engraver.postMessage({ id: asked, mei, width });
  });
}

/** formats.mei; words: for each spot the number of its symbol, whose note in the MEI is n0, n1, ... -> {notes}. */
export async function draw(place, { formats, width, words = [] }) {
  if (!formats.mei) throw new Error("This reading has no staff that can be engraved.");
  const { svg, notes } = await engrave(formats.mei, width || 600);
  const staff = adopt(svg, "image/svg+xml").firstChild;
  for (const colored of staff.querySelectorAll("[color]")) colored.removeAttribute("color");
  for (const [index, word] of words.entries()) {
    const note = staff.querySelector(`#n${word}`);
    if (!note) continue;
    note.classList.add("glow");
    note.dataset.spot = index;
  }
  staff.style.maxWidth = `${staff.viewBox.baseVal.width}px`; // short staves are not blown up
  staff.setAttribute("role", "img");
  staff.setAttribute("aria-label", `Staff of ${notes.length} notes`);
  place.replaceChildren(staff);
  return { notes };
}
