// A line of text -> the line, its doubtful letters marked.

import { h } from "../dom.js";

export async function draw(place, { text, spots = [] }) {
  const line = h("p", { class: "line-of-text", dir: "auto" });
  let from = 0;
  for (const [index, { span }] of spots.entries()) {
    if (span[0] < from) continue;
    line.append(text.slice(from, span[0]), h("span", { class: "glow", data: { spot: index } }, text.slice(...span)));
    from = span[1];
  }
  line.append(text.slice(from));
  place.replaceChildren(line);
}
