// One reading beside its picture: the walk through its doubtful spots, its alternatives, editing, and its formats.

import { Draft } from "./draft.js";
import { h, icon, mention, percent, say } from "./dom.js";
import { copy, download, favourite, notationName, textName, written } from "./formats.js";
import { glyph, inWords } from "./glyphs.js";
import * as service from "./service.js";

const DRAWN = {
  formula: () => import("./draw/formula.js"),
  molecule: () => import("./draw/molecule.js"),
  music: () => import("./draw/music.js"),
  text: () => import("./draw/text.js"),
};
// verdicts on bars and equations that nobody need look at: every second line of organic chemistry is not balanced
const FINE = ["complete", "pickup", "cut", "unknown", "balanced", "unbalanced"];
const EDITORS = { formula: "Edit the formula", molecule: "Edit the drawing" };

export class ReadingView {
  /**
   * picture: Blob; reading: as /v1/read answers; text, formats: where a person has edited it before.
   * changed(text, formats of what was drawn by hand) and accepted(text, whether it differs) tell what becomes of it.
   */
  constructor(picture, reading, { text, formats, changed = () => {}, accepted = () => {}, done = "Accept" } = {}) {
    Object.assign(this, { picture, reading, changed, accepted });
    this.notation = reading.notation;
    this.draft = new Draft(reading, text);
    this.current = -1;
    this.formats = formats ?? reading.formats ?? {};
    this.name = (picture.name || "reading").replace(/\.[^.]*$/, "") || "reading";
    this.element = h("article", { class: "reading", data: { notation: this.notation }, ariaLabel: "Reading" });
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.#build(done);
    if (this.draft.changed && !formats) this.#ask();
    else this.#draw();
  }

  /** Puts the focus where the work is: on the first doubtful spot, or on the button that copies. */
  begin() {
    const first = this.draft.edited === null ? this.draft.unsettled(-1) : -1;
    if (first >= 0) this.select(first);
    else this.copyButton.focus({ preventScroll: true });
  }

  // ---- what stands where

  #build(done) {
    const { reading } = this;
    this.address = URL.createObjectURL(this.picture);
    const image = h("img", { src: this.address, alt: "The picture that was read", class: "given" });
    this.boxes = h("div", { class: "boxes", "aria-hidden": "true" });
    this.frame = h("div", { class: "frame" }, image, this.boxes);
    image.onload = () => this.#fit(image);

    this.drawn = h("div", { class: "drawn", tabIndex: -1 });
    this.tools = h("div", { class: "tools" });
    this.trouble = h("p", { class: "trouble", hidden: true });
    this.verdict = h("p", { class: "verdict" });
    this.strip = h("div", { class: "strip", role: "group", ariaLabel: "Doubtful spots" });
    this.choices = h("ol", { class: "choices", ariaLabel: "What may stand there" });
    this.walk = h(
      "section",
      { class: "walk", hidden: !this.draft.spots.length, ariaLabel: "Doubtful spots and their alternatives" },
      this.strip,
      this.choices,
      h(
        "p",
        { class: "keys" },
        h("span", {}, h("kbd", {}, "n"), " ", h("kbd", {}, "p"), " or ", h("kbd", {}, "Tab"), " next, previous"),
        h("span", {}, h("kbd", {}, "1"), "–", h("kbd", {}, "5"), " choose"),
        h("span", {}, h("kbd", {}, "Enter"), " keep as it is"),
      ),
    );
    this.source = h("textarea", {
      class: "source",
      spellcheck: false,
      rows: 1,
      ariaLabel: `${textName(this.notation)}, editable`,
      oninput: () => this.#edited(this.source.value),
    });
    this.revert = h("button", { class: "quiet", onclick: () => this.#reverted() }, "Back to what was read");
    this.copyButton = h("button", { class: "strong", onclick: () => this.#copy(this.#written()[0]) });
    this.acceptButton = h("button", { onclick: () => this.accept() }, icon("m5 13 4 4L19 7"), done);
    this.list = h("ul", { class: "formats" });

    this.element.append(
      h(
        "header",
        { class: "head" },
        h("h1", {}, notationName(this.notation), this.#sure()),
        this.verdict,
      ),
      h(
        "div",
        { class: "panes" },
        h("figure", { class: "pane" }, h("figcaption", {}, "Picture"), this.frame),
        h("figure", { class: "pane" }, h("figcaption", {}, "Reading", this.tools), this.drawn, this.trouble),
      ),
      this.walk,
      h(
        "section",
        { class: "output", ariaLabel: "Text" },
        h("div", { class: "line" }, h("h2", {}, textName(this.notation)), this.revert),
        this.source,
        h("div", { class: "ways" }, this.copyButton, this.acceptButton),
      ),
      this.#remarks(),
      h("section", { class: "block", ariaLabel: "Formats" }, h("h2", {}, "Formats"), this.list),
      this.#others(),
      this.#details(),
    );
    this.#tools();
    this.#spots();
    this.#texts();
    if (!reading.text) this.trouble.textContent = "Nothing was read in this picture.";
  }

  #sure() {
    const { notation_confidence: share } = this.reading;
    return typeof share === "number" && share < 0.9
      ? h("span", { class: "aside" }, ` perhaps, ${percent(share)}; choose another above if it is none`)
      : "";
  }

  #fit(image) {
    // small crops are shown larger, as far as they stay sharp enough, and wide ones fill the pane
    const { width = image.naturalWidth, height = image.naturalHeight } = this.reading.image ?? {};
    const scale = Math.min(2, Math.max(1, 110 / image.naturalHeight));
    this.frame.style.width = `${Math.round(image.naturalWidth * scale)}px`;
    this.frame.style.aspectRatio = `${image.naturalWidth} / ${image.naturalHeight}`;
    this.boxes.replaceChildren();
    for (const [index, { box }] of this.draft.spots.entries()) {
      if (!box) continue;
      const [left, top, right, bottom] = box;
      const spot = h("button", { class: "box", tabIndex: -1, data: { spot: index }, onclick: () => this.select(index) });
      Object.assign(spot.style, {
        left: `${(100 * left) / width}%`,
        top: `${(100 * top) / height}%`,
        width: `${(100 * (right - left)) / width}%`,
        height: `${(100 * (bottom - top)) / height}%`,
      });
      this.boxes.append(spot);
    }
    this.#mark();
  }

  #tools() {
    if (EDITORS[this.notation]) {
      this.editButton = h("button", { class: "quiet", onclick: () => this.#edit() }, EDITORS[this.notation]);
      this.tools.append(this.editButton);
    }
    if (this.notation === "music") {
      this.playButton = h("button", { class: "quiet", disabled: true, onclick: () => this.#play() }, "Play");
      this.tools.append(this.playButton);
    }
  }

  #spots() {
    const spots = this.draft.spots;
    const one = (spot, index) =>
      h(
        "button",
        {
          class: "chip",
          data: { spot: index },
          onfocus: () => this.#selected(index),
          onclick: () => this.#selected(index),
        },
        h("span", { class: "unseen" }, `Spot ${index + 1} of ${spots.length}: `),
        glyph(this.notation, this.draft.choices(index)[spot.chosen].token),
        h("span", { class: "share" }, typeof spot.p === "number" ? percent(spot.p) : ""),
        h("span", { class: "unseen after" }),
      );
    this.chips = spots.map(one);
    this.strip.replaceChildren(...this.chips);
    this.#mark();
  }

  #remarks() {
    const { checks = [], warnings = [] } = this.reading;
    this.remarks = h("section", { class: "block remarks", ariaLabel: "Remarks" });
    this.#remark(checks, warnings);
    return this.remarks;
  }

  #remark(checks, warnings) {
    const said = warnings.some((sentence) => /\bbars?\b/.test(sentence));
    const wrong = said ? [] : checks.filter(({ verdict }) => !FINE.includes(verdict));
    const lines = [
      ...warnings,
      ...wrong.map(({ part, verdict, found, wanted }) =>
        `${part}: ${verdict}${found ? `, ${found}` : ""}${wanted ? ` where ${wanted} is wanted` : ""}`),
    ];
    this.remarks.hidden = !lines.length;
    this.remarks.replaceChildren(h("h2", {}, "Remarks"), h("ul", {}, lines.map((line) => h("li", {}, line))));
  }

  #others() {
    const others = (this.reading.alternatives ?? []).filter(({ text }) => text && text !== this.reading.text);
    const take = (text) => {
      this.#edited(text);
      mention("Another reading was taken.");
    };
    return h(
      "details",
      { class: "block", hidden: !others.length },
      h("summary", {}, `Other readings (${others.length})`),
      h(
        "ul",
        { class: "others" },
        others.map(({ text, confidence }) => {
          const shown = h("span", { class: "other" }, text);
          if (this.notation === "formula") {
            DRAWN.formula().then(({ draw }) => draw(shown, { text })).catch(() => {});
          }
          const share = h("span", { class: "share" }, percent(confidence ?? 0));
          return h("li", {}, h("button", { onclick: () => take(text) }, shown, share));
        }),
      ),
    );
  }

  #details() {
    const { model = {}, image = {}, milliseconds, confidence, calibrated, policy } = this.reading;
    const rows = [
      ["Model", typeof model === "string" ? model : [model.name, model.version].filter(Boolean).join(" ")],
      ["Checksum", model.sha256 ? `${model.sha256.slice(0, 16)}…` : ""],
      ["Picture", image.width ? `${image.width} × ${image.height} pixels` : ""],
      ["Time", milliseconds ? `${Math.round(milliseconds)} ms` : ""],
      ["Confidence", typeof confidence === "number" ? confidence.toFixed(4) : ""],
      ["Calibrated", calibrated ? "yes: a share of readings like this one that are right" : "no: a score, no share"],
      ...Object.entries(policy ?? {}).map(([name, value]) => [`Rule: ${name.replaceAll("_", " ")}`, String(value ?? "")]),
    ];
    return h(
      "details",
      { class: "block" },
      h("summary", {}, "Details"),
      h("dl", {}, rows.filter(([, value]) => value).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
      h(
        "button",
        {
          class: "quiet",
          onclick: () => {
            const content = JSON.stringify({ ...this.reading, text: this.draft.text, formats: this.formats }, null, 2);
            download({ content, type: "application/json", ending: "json" }, this.name);
          },
        },
        "Download all as JSON",
      ),
    );
  }

  // ---- what it says

  #texts() {
    const { text, changed, edited } = this.draft;
    if (this.source.value !== text) this.source.value = text;
    this.revert.hidden = !changed;
    const all = this.#written();
    this.copyButton.replaceChildren(
      icon("M9 9h11v11H9zM5 15H4V4h11v1"),
      `Copy ${all[0]?.name ?? textName(this.notation)}`,
    );
    this.list.replaceChildren(
      ...all.map((format) =>
        h(
          "li",
          {},
          h("span", { class: "format" }, format.name),
          h("code", { class: "preview" }, format.base64 ? "" : format.content.slice(0, 200)),
          h("button", { class: "quiet", ariaLabel: `Copy ${format.name}`, onclick: () => this.#copy(format) }, "Copy"),
          h(
            "button",
            { class: "quiet", ariaLabel: `Download ${format.name}`, onclick: () => download(format, this.name) },
            "Download",
          ),
        ),
      ),
    );
    const open = this.draft.spots.filter(({ settled }) => !settled).length;
    this.walk.classList.toggle("over", edited !== null);
    const { confidence, calibrated, decision } = this.reading;
    const share = typeof confidence !== "number" ? "" : calibrated ? percent(confidence) : confidence.toFixed(2);
    this.verdict.className = `verdict ${this.done || (decision !== "review" && !open) ? "good" : "look"}`;
    this.verdict.replaceChildren(
      h("strong", {}, this.done ? "Accepted by you" : edited !== null ? "Edited by you" : spoken(decision, open)),
      share ? ` · ${calibrated ? "confidence" : "score"} ${share}` : "",
    );
  }

  #written() {
    return written(this.notation, this.draft.text, this.formats);
  }

  async #copy(format) {
    try {
      await copy(format);
      mention(`${format.name} is copied.`);
    } catch {
      mention("The browser does not let this page copy; mark the text and copy it by hand.");
    }
  }

  async #draw() {
    const { draft, notation, reading } = this;
    const text = draft.text;
    const drawing = (this.drawing = Symbol("the latest"));
    const spans = draft.spans;
    const live = draft.spots.map((spot, index) => ({ span: spans[index] })).filter(({ span }) => span);
    const spots = live.length === draft.spots.length ? live : [];
    const place = h("div", { class: "sheet" });
    try {
      const room = await (DRAWN[notation] ?? DRAWN.text)();
      const formats = this.formats;
      const width = this.drawn.clientWidth; // known by now: the room took its time to come
      const words = spots.map(({ span }) => text.slice(0, span[0]).split(/\s+/).length - 1);
      const { notes } = (await room.draw(place, { text, formats, spots, words, width, atoms: atomsAt(reading, spots) })) ?? {};
      if (drawing !== this.drawing) return;
      this.notes = notes;
      if (this.playButton) this.playButton.disabled = !notes?.length;
      this.drawn.replaceChildren(...place.childNodes);
      this.trouble.hidden = Boolean(reading.text);
    } catch (error) {
      if (drawing !== this.drawing) return;
      this.drawn.replaceChildren(h("pre", { class: "plain-text" }, text));
      this.trouble.textContent = `It cannot be drawn as it stands: ${sentence(error)}`;
      this.trouble.hidden = false;
    }
    this.drawn.tabIndex = this.drawn.scrollWidth > this.drawn.clientWidth ? 0 : -1; // keys scroll what is too wide
    for (const part of this.drawn.querySelectorAll(".glow")) {
      part.addEventListener("click", () => this.select(Number(part.dataset.spot)));
    }
    this.#mark();
  }

  /** After the text has changed: what else is made of it, as soon as nothing has changed for a moment. */
  #rewrite() {
    this.done = false;
    this.changed(this.draft.text);
    this.#texts();
    if (this.notation === "formula" || this.notation === "text") this.#draw();
    clearTimeout(this.pause);
    this.asking?.abort();
    this.pause = setTimeout(() => this.#ask(), 250);
  }

  async #ask() {
    const text = this.draft.text;
    this.asking = new AbortController();
    try {
      if (this.draft.changed) {
        const { formats, checks = [], warnings = [] } = await service.write(this.notation, text, this.asking.signal);
        this.formats = formats ?? {};
        this.#remark(checks, warnings);
      } else {
        this.formats = this.reading.formats ?? {};
        this.#remark(this.reading.checks ?? [], this.reading.warnings ?? []);
      }
    } catch (problem) {
      if (problem.name === "AbortError") return;
      this.formats = {};
      this.#remark([], [`Only the text can be had of this: ${sentence(problem)}`]);
    }
    this.#texts();
    this.#draw();
  }

  // ---- what a person does

  select(index) {
    this.chips[index]?.focus({ preventScroll: true });
    this.#selected(index);
  }

  #selected(index) {
    if (index === this.current) return;
    this.current = index;
    this.#choices();
    this.#mark();
    const { p, token } = this.draft.spots[index];
    say(`Doubtful spot ${index + 1} of ${this.chips.length}: ${inWords(this.notation, token)}, ${percent(p ?? 0)}`);
  }

  #choices() {
    const index = this.current;
    if (index < 0) return;
    const spot = this.draft.spots[index];
    this.choices.replaceChildren(
      ...this.draft.choices(index).map(({ token, p }, choice) =>
        h(
          "li",
          {},
          h(
            "button",
            {
              class: "choice",
              "aria-pressed": String(choice === spot.chosen),
              onclick: () => this.choose(choice),
            },
            h("kbd", {}, String(choice + 1)),
            glyph(this.notation, token),
            h("span", { class: "share" }, typeof p === "number" ? percent(p) : ""),
          ),
        ),
      ),
    );
  }

  choose(choice) {
    const index = this.current;
    if (index < 0 || !this.draft.choose(index, choice)) return;
    this.#spots();
    this.#choices();
    this.#rewrite();
    this.chips[index].focus({ preventScroll: true });
    say(`${inWords(this.notation, this.draft.choices(index)[choice].token)} is taken.`);
  }

  /** Keeps the current spot as it stands and goes to the next; after the last the reading is accepted. */
  keep() {
    if (this.current >= 0) this.draft.settle(this.current);
    const next = this.draft.unsettled(this.current);
    this.#mark();
    this.#texts();
    if (next >= 0) this.select(next);
    else this.accept();
  }

  accept() {
    for (const index of this.draft.spots.keys()) this.draft.settle(index);
    this.done = true;
    this.#mark();
    this.#texts();
    this.accepted(this.draft.text, this.draft.changed);
    this.copyButton.focus({ preventScroll: true });
    mention("Accepted.");
  }

  step(by) {
    const count = this.chips.length;
    if (count) this.select((Math.max(this.current, by > 0 ? -1 : 0) + by + count) % count);
  }

  #edited(text) {
    this.draft.edit(text);
    this.#rewrite();
  }

  #reverted() {
    this.draft.revert();
    this.#spots();
    this.#choices();
    this.editing?.set?.(this.draft.text);
    this.#rewrite();
  }

  async #edit() {
    if (this.editing) {
      this.editing.close?.();
      this.editing = null;
      this.board.remove();
      this.drawn.hidden = false;
      this.editButton.textContent = EDITORS[this.notation];
      return;
    }
    const room = await DRAWN[this.notation]();
    this.board = h("div", { class: "board" });
    this.drawn.after(this.board);
    this.editButton.textContent = "Done";
    try {
      if (this.notation === "formula") {
        this.editing = await room.edit(this.board, this.draft.text, (text) => this.#edited(text));
      } else {
        this.drawn.hidden = true;
        this.editing = await room.edit(this.board, this.formats, (formats) => this.#redrawn(formats));
      }
      this.editing.focus();
    } catch (error) {
      this.board.replaceChildren(h("p", { class: "trouble" }, sentence(error)));
      this.editing = {};
    }
  }

  #redrawn(formats) {
    // the text of a molecule is its drawing as it was read; one drawn anew has a structure, but no such text
    this.draft.edit(formats.smiles);
    this.formats = formats;
    this.done = false;
    this.changed(this.draft.text, formats);
    this.#texts();
    this.#draw();
  }

  async #play() {
    if (this.stop) return this.stop();
    const { play } = await import("./sound/synthesiser.js");
    this.playButton.textContent = "Stop";
    this.stop = play(this.notes, {
      sounding: (names) => {
        for (const note of this.drawn.querySelectorAll(".sounding")) note.classList.remove("sounding");
        for (const name of names) this.drawn.querySelector(`[id="${CSS.escape(name)}"]`)?.classList.add("sounding");
      },
      ended: () => {
        this.stop = null;
        this.playButton.textContent = "Play";
      },
    });
  }

  #mark() {
    const { spots, edited } = this.draft;
    for (const [index, { settled, chosen }] of spots.entries()) {
      const state = { settled, current: index === this.current, changed: chosen > 0, gone: edited !== null };
      for (const part of this.element.querySelectorAll(`[data-spot="${index}"]`)) {
        for (const [name, on] of Object.entries(state)) part.classList.toggle(name, on);
      }
      const chip = this.chips?.[index];
      if (!chip) continue;
      chip.querySelector(".after").textContent = settled ? (chosen ? ", changed" : ", kept") : "";
      chip.ariaCurrent = String(index === this.current);
    }
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("textarea, input, math-field, .board")) return;
    const digit = /^[1-5]$/.test(event.key) ? Number(event.key) : 0;
    if (event.key === "n") this.step(1);
    else if (event.key === "p") this.step(-1);
    else if (digit) this.choose(digit - 1);
    else if (event.key === "Enter" && event.target.closest(".chip")) this.keep();
    else return;
    event.preventDefault();
  }

  /** Keys that are pressed where nothing has the focus belong to the reading. */
  key(event) {
    if (event.target === document.body) this.#key(event);
  }

  close() {
    this.stop?.();
    this.editing?.close?.();
    clearTimeout(this.pause);
    this.asking?.abort();
    URL.revokeObjectURL(this.address);
  }
}

function spoken(decision, open) {
  if (open) return `Please look at ${open === 1 ? "one spot" : `${open} spots`}`;
  return { accept: "Reads well", review: "Please look at it as a whole" }[decision] ?? "No doubtful spot";
}

const sentence = (error) => [error.message, error.detail].filter(Boolean).join(": ").replace(/\s+/g, " ").slice(0, 300);

/** For each spot the number of the atom that stands nearest to its box; -1 where that is not known. */
function atomsAt({ places = [], spots: read = [] }, spots) {
  return spots.map((_, index) => {
    const box = read[index]?.box;
    if (!box || !places.length) return -1;
    const [x, y] = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    const away = places.map((place) => Math.hypot(place.x - x, place.y - y));
    return away.indexOf(Math.min(...away));
  });
}
