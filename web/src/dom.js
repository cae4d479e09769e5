// Elements from names and values, and foreign markup as nodes: the only two ways in which anything gets into the page.

const SVG = "http://www.w3.org/2000/svg";

/** h("button", {class: "quiet", onclick: f, ariaLabel: "Copy"}, "Copy"): strings become text, never markup. */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null) continue;
    if (name === "class") element.className = value;
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name.startsWith("aria-") || name === "role" || name === "for") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Style attributes under a name that no policy minds: even a document that is nowhere shown may not be given any. */
export const withoutStyles = (markup) =>
  markup
    .replace(/<(style|script)\b[^]*?<\/\1\s*>/gi, "")
    .replace(/<[a-z][^<>]*>/gi, (tag) => tag.replace(/\sstyle=/gi, " data-css="));

const ACTIVE = "script, style, link, meta, base, iframe, object, embed, foreignObject, animate, set";

/**
 * Markup that a library wrote -> the nodes of it, without anything that runs or loads.
 *
 * Style attributes are set through the CSSOM, since `style-src 'self'` lets no markup bring its own.
 * Errors: SyntaxError for XML that is none.
 */
export function adopt(markup, type = "text/html") {
  const parsed = new DOMParser().parseFromString(withoutStyles(markup), type);
  if (parsed.querySelector("parsererror")) throw new SyntaxError("this is no XML");
  const root = type === "text/html" ? parsed.body : parsed.documentElement;
  for (const active of root.querySelectorAll(ACTIVE)) active.remove();
  for (const element of [root, ...root.querySelectorAll("*")]) {
    for (const { name, value } of [...element.attributes]) {
      const link = /^(href|xlink:href|src|srcset|action|formaction)$/i.test(name);
      if (/^on|^style$/i.test(name) || (link && !value.startsWith("#"))) element.removeAttribute(name);
    }
  }
  const nodes = document.createDocumentFragment();
  nodes.append(...(type === "text/html" ? [...root.childNodes] : [root]).map((node) => document.importNode(node, true)));
  applyStyles(nodes);
  return nodes;
}

export function applyStyles(nodes) {
  for (const element of nodes.querySelectorAll("[data-css]")) {
    element.style.cssText = element.dataset.css;
    element.removeAttribute("data-css");
  }
}

/** A small drawing from paths of 24 x 24, in the colour of the text around it. */
export function icon(...paths) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  for (const d of paths) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

const live = h("div", { class: "unseen", role: "status", "aria-live": "polite" });

/** Says a sentence to screen readers. */
export function say(sentence) {
  if (!live.isConnected) document.body.append(live);
  live.textContent = sentence;
}

const brief = h("div", { class: "brief", "aria-hidden": "true" });
let fading;

/** Shows a word for a moment, and says it. */
export function mention(sentence) {
  if (!brief.isConnected) document.body.append(brief);
  brief.textContent = sentence;
  brief.classList.add("shown");
  clearTimeout(fading);
  fading = setTimeout(() => brief.classList.remove("shown"), 2200);
  say(sentence);
}

export const percent = (share) => (share > 0.995 && share < 1 ? "> 99 %" : `${Math.round(100 * share)} %`);
