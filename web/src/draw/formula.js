// LaTeX -> the formula as KaTeX sets it, and MathLive to edit it.

import katex from "katex";
import { adopt, applyStyles, withoutStyles } from "../dom.js";

// What a formula may do is set here: no links, no pictures, no HTML of its own (trust), no rule wider than the page.
const OPTIONS = { displayMode: true, trust: false, strict: "ignore", maxSize: 20, maxExpand: 200, throwOnError: true };
const LONGEST = 20_000;

/** Spots whose token can be set apart without changing the formula: single letters, digits, signs, names of symbols. */
const LEAF = /^(?:[A-Za-z0-9+\-=<>!/|,.;:()[\]*]|\\[A-Za-z]+)$/;
const TAKES_MORE =
  /^\\(frac|sqrt|begin|end|left|right|big\w*|Big\w*|math\w+|text\w*|operatorname|hat|bar|vec|tilde|dot|ddot|over\w+|under\w+|wide\w+|stackrel|binom|limits|nolimits|\w*style|not|mbox|hline|boxed|phantom|substack|pmod)$/;

// A colour that nothing else has marks each spot, since colours are trusted where classes are not.
const sentinel = (index) => `#01${index.toString(16).padStart(4, "0")}`;

/** text -> nodes; spots: [{span: [start, stop]}] of the text, whose tokens glow. Errors: what KaTeX cannot set. */
export async function draw(place, { text, spots = [] }) {
  if (text.length > LONGEST) throw new Error("This formula is too long to be drawn.");
  const marked = withSpots(text, spots);
  let markup;
  try {
    markup = katex.renderToString(marked, OPTIONS);
  } catch {
    markup = katex.renderToString(text, OPTIONS);
  }
  const nodes = adopt(markup.replace(/<annotation[^]*?<\/annotation>/, ""));
  for (const element of nodes.querySelectorAll("[style]")) {
    const found = /rgb\(1, (\d+), (\d+)\)/.exec(element.style.color);
    if (!found) continue;
    element.style.color = "";
    element.classList.add("glow");
    element.dataset.spot = 256 * Number(found[1]) + Number(found[2]);
  }
  for (const element of nodes.querySelectorAll("[mathcolor^='#01']")) element.removeAttribute("mathcolor");
  place.replaceChildren(nodes);
}

function withSpots(text, spots) {
  let marked = text;
  for (const [index, { span }] of [...spots.entries()].reverse()) {
    const token = text.slice(...span).trim();
    const before = text.slice(0, span[0]);
    if (!LEAF.test(token) || TAKES_MORE.test(token) || /(\\(left|right|big\w*|Big\w*)|[_^])\s*$/.test(before)) continue;
    if (/\{[a-z|*]*$/.test(before) && /\\(begin|end|operatorname\*?)\{[a-z|*]*$/.test(before)) continue;
    marked = `${marked.slice(0, span[0])}\\textcolor{${sentinel(index)}}{${token}} ${marked.slice(span[1])}`;
  }
  return marked;
}

/** A field in which the formula is edited as it is set; oninput(text) after each change. -> {focus, text}. */
export async function edit(place, text, oninput) {
  const { MathfieldElement } = await import("mathlive");
  MathfieldElement.fontsDirectory = null; // KaTeX's fonts, which are MathLive's too, are in app.css
  MathfieldElement.soundsDirectory = null;
  MathfieldElement.plonkSound = null;
  MathfieldElement.createHTML = withoutStyles;
  const field = new MathfieldElement();
  field.mathVirtualKeyboardPolicy = "manual";
  field.setAttribute("aria-label", "Formula, editable");
  place.replaceChildren(field);
  field.menuItems = []; // only a field in the page has a menu
  // MathLive writes markup with style attributes, which the policy of this page refuses: they are set as nodes instead.
  const content = field.shadowRoot.querySelector("[part=content]");
  const plain = Object.getOwnPropertyDescriptor(Element.prototype, "innerHTML");
  Object.defineProperty(content, "innerHTML", {
    get: () => plain.get.call(content),
    set: (markup) => {
      plain.set.call(content, markup);
      applyStyles(content);
    },
  });
  field.smartFence = false;
  field.value = text;
  field.addEventListener("input", () => oninput(field.getValue("latex")));
  return { focus: () => field.focus(), set: (latex) => field.setValue(latex, { silenceNotifications: true }) };
}
