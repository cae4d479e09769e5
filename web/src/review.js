// The review queue: readings in doubt, one after another, until none is left.

import { h, icon, mention } from "./dom.js";
import { notationName, save } from "./formats.js";
import { ReadingView } from "./reading.js";
import * as service from "./service.js";

const REVIEWER = "glyphic.reviewer";

export class ReviewView {
  constructor() {
    this.element = h("section", { class: "review", "aria-labelledby": "queue" });
    this.reviewer = h("input", {
      type: "text",
      value: localStorage.getItem(REVIEWER) ?? "",
      placeholder: "Your name",
      ariaLabel: "Your name, kept with each decision",
      autocomplete: "name",
      onchange: () => {
        localStorage.setItem(REVIEWER, this.name);
        this.next();
      },
    });
    this.notation = h(
      "select",
      { ariaLabel: "Notation", onchange: () => this.next() },
      h("option", { value: "" }, "All notations"),
      ["formula", "molecule", "music", "text"].map((name) => h("option", { value: name }, notationName(name))),
    );
    this.counts = h("p", { class: "counts" });
    this.place = h("div", { class: "at-hand" });
    this.undoButton = h("button", { class: "quiet", onclick: () => this.undo(), disabled: true }, "Undo");
    const take = h("button", { class: "quiet", onclick: () => this.export() }, "Export corrections");
    this.element.append(
      h(
        "header",
        { class: "bar" },
        h("div", {}, h("h1", { id: "queue" }, "Review"), this.counts),
        h("div", { class: "ways" }, this.reviewer, this.notation, this.undoButton, take),
      ),
      this.place,
    );
  }

  async open() {
    await this.count();
    await this.next();
  }

  get name() {
    return this.reviewer.value.trim();
  }

  async count() {
    const counts = (await service.reviewCounts().catch(() => null)) ?? {};
    const flat = Object.entries(counts).filter(([, value]) => typeof value === "number");
    this.counts.textContent = flat.map(([state, count]) => `${count} ${state}`).join(" · ");
  }

  async next() {
    this.view?.close();
    this.view = null;
    if (!this.name) {
      this.#plain("Who reviews?", "Each reading is lent to one person at a time: your name, above, is kept with what you decide.");
      this.reviewer.focus();
      return;
    }
    try {
      this.item = await service.reviewNext(this.name, this.notation.value);
      if (!this.item) {
        this.#plain("Nothing waits for you.", "What is read in doubt from now on will stand here.");
        return;
      }
      const picture = await service.picture(this.item.picture_url.replace(/^\//, ""));
      this.#show(picture, this.item.reading);
    } catch (problem) {
      this.#plain(problem.message, problem.detail);
    }
  }

  #show(picture, reading) {
    const decide = (text, changed) => this.decide(changed ? "correct" : "accept", changed ? text : undefined);
    this.view = new ReadingView(picture, reading, { accepted: decide, done: "Accept and go on" });
    const skip = h("button", { onclick: () => this.decide("skip") }, icon("M5 5l8 7-8 7zM17 5v14"), "Skip");
    this.view.acceptButton.classList.add("strong");
    this.view.copyButton.classList.remove("strong");
    this.view.acceptButton.after(skip);
    this.place.replaceChildren(this.view.element);
    this.view.begin();
    if (!this.view.draft.spots.length) this.view.acceptButton.focus({ preventScroll: true });
  }

  async decide(decision, text) {
    const { id } = this.item;
    try {
      await service.reviewDecide(id, this.name, decision, text);
    } catch (problem) {
      mention([problem.message, problem.detail].filter(Boolean).join(": "));
      return;
    }
    this.last = id;
    this.undoButton.disabled = false;
    mention({ accept: "Accepted.", correct: "Corrected.", skip: "Skipped." }[decision]);
    await this.open();
  }

  async undo() {
    try {
      await service.reviewDecide(this.last, this.name, "undo");
      this.undoButton.disabled = true;
      mention("The last decision is undone.");
    } catch (problem) {
      mention([problem.message, problem.detail].filter(Boolean).join(": "));
    }
    await this.open();
  }

  async export() {
    try {
      save(await service.reviewExport(), "corrections.zip");
    } catch (problem) {
      mention([problem.message, problem.detail].filter(Boolean).join(": "));
    }
  }

  #plain(title, detail) {
    this.place.replaceChildren(h("div", { class: "calm" }, h("h2", {}, title), detail ? h("p", {}, detail) : null));
  }

  key(event) {
    this.view?.key(event);
  }

  close() {
    this.view?.close();
  }
}
