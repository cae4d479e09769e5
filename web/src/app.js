// The page: its head, its views (#/, #/history, #/review), and the walk from a picture to its reading.

import { h, icon, mention, say } from "./dom.js";
import { notationName } from "./formats.js";
import * as history from "./history.js";
import { intake, listen } from "./intake.js";
import { ReadingView } from "./reading.js";
import { ReviewView } from "./review.js";
import * as service from "./service.js";
import { isDark, setDark } from "./theme.js";

const NOTATION = "glyphic.notation";
let notation = localStorage.getItem(NOTATION) ?? "auto";
let view; // what stands in main and wants keys, if anything
let given; // the picture that is shown, to be read again as another notation
let reading; // of the request that is under way: its AbortController

const main = h("main", { id: "main", tabIndex: -1 });

// ---- head

const SUN = "M12 17a5 5 0 1 0 0-10 5 5 0 0 0 0 10M12 1v3M12 20v3M1 12h3M20 12h3M4.2 4.2l2.1 2.1M17.7 17.7l2.1 2.1M4.2 19.8l2.1-2.1M17.7 6.3l2.1-2.1";
const MOON = "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5";

const dark = h("button", { class: "round", role: "switch", ariaLabel: "Dark mode", onclick: () => turn(!isDark()) });

function turn(on) {
  if (on !== isDark()) setDark(on);
  dark.ariaChecked = String(on);
  dark.replaceChildren(icon(on ? SUN : MOON));
  dark.title = on ? "Light" : "Dark";
}
turn(isDark());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => turn(isDark()));

const links = {
  "": h("a", { href: "#/" }, "Read"),
  history: h("a", { href: "#/history" }, "History"),
  review: h("a", { href: "#/review", hidden: true }, "Review"),
};
const waiting = h("span", { class: "count" });
links.review.append(waiting);

document.body.append(
  h("a", { class: "skip", href: "#main", onclick: (event) => (event.preventDefault(), main.focus()) }, "To the content"),
  h(
    "header",
    { class: "top" },
    h("a", { class: "mark", href: "#/", ariaLabel: "Glyphic, to the beginning" }, "Glyphic"),
    h("nav", { ariaLabel: "Views" }, Object.values(links)),
    dark,
  ),
  main,
);

async function countReviews() {
  const counts = await service.reviewCounts().catch(() => null);
  links.review.hidden = counts === null;
  const open = counts?.waiting ?? counts?.pending ?? counts?.open;
  waiting.textContent = open ? String(open) : "";
}

// ---- views

function show(...parts) {
  view?.close?.();
  view = null;
  main.replaceChildren(...parts);
}

const choose = (value) => {
  notation = value;
  localStorage.setItem(NOTATION, value);
  if (given) take(given);
};

const routes = { "": home, history: past, review };

function route() {
  const [, name = "", id] = location.hash.split("/");
  reading?.abort();
  given = null;
  for (const [key, link] of Object.entries(links)) {
    if (key === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = name in links && name ? `${links[name].firstChild.textContent} · Glyphic` : "Glyphic";
  if (name === "history" && id) reopen(Number(id));
  else (routes[name] ?? home)();
}

async function home() {
  const recent = h("section", { class: "recent", ariaLabel: "Read before", hidden: true });
  show(intake(take, notation, choose), recent);
  const entries = (await history.entries()).slice(0, 4);
  if (!entries.length) return;
  recent.hidden = false;
  recent.append(
    h("div", { class: "line" }, h("h2", {}, "Read before"), h("a", { href: "#/history" }, "All")),
    h("ul", { class: "shelf" }, entries.map(card)),
  );
}

async function take(picture) {
  if (location.hash.startsWith("#/history") || location.hash.startsWith("#/review")) {
    window.history.replaceState(null, "", "#/");
    for (const [key, link] of Object.entries(links)) link.toggleAttribute("aria-current", key === "");
    links[""].setAttribute("aria-current", "page");
  }
  given = picture;
  reading?.abort();
  const mine = (reading = new AbortController());
  const bar = intake(take, notation, choose, true);
  const address = URL.createObjectURL(picture);
  const state = h("p", { class: "state" }, "Reading…");
  const shown = h("img", { src: address, alt: "The picture that is being read" });
  show(bar, h("section", { class: "pending", ariaLabel: "Reading", ariaBusy: "true" }, shown, h("div", { class: "progress" }), state));
  say("Reading");
  try {
    const answer = await service.read(picture, notation, {
      signal: mine.signal,
      waiting: (seconds) => (state.textContent = `The service is busy; it is asked again in ${seconds} s.`),
    });
    const id = await history.keep({ picture, reading: answer, text: answer.text });
    if (!mine.signal.aborted) present(bar, picture, answer, { id });
    countReviews();
  } catch (problem) {
    if (problem.name !== "AbortError") {
      show(
        bar,
        h(
          "section",
          { class: "calm", role: "alert" },
          h("img", { src: address, alt: "The picture that could not be read" }),
          h("h1", {}, problem.message),
          problem.detail ? h("p", {}, problem.detail) : null,
          h("button", { onclick: () => take(picture) }, "Try again"),
        ),
      );
      return;
    }
  }
  URL.revokeObjectURL(address);
}

function present(bar, picture, answer, { id, text, formats }) {
  const made = new ReadingView(picture, answer, {
    text,
    formats,
    changed: (now, drawn) => id && history.change(id, { text: now, formats: drawn, accepted: false }),
    accepted: (now) => id && history.change(id, { text: now, accepted: true }),
  });
  show(bar, made.element);
  view = made;
  made.begin();
}

async function reopen(id) {
  const entry = await history.find(id);
  if (!entry) {
    location.hash = "#/history";
    return;
  }
  given = entry.picture;
  present(intake(take, notation, choose, true), entry.picture, entry.reading, { id, ...entry });
}

async function past() {
  const entries = await history.entries();
  const clear = h(
    "button",
    {
      class: "quiet",
      onclick: async () => {
        if (!clear.dataset.sure) {
          clear.dataset.sure = "1";
          clear.textContent = "Yes, forget everything";
          return;
        }
        await history.forgetAll();
        mention("The history is empty.");
        past();
      },
    },
    "Forget everything",
  );
  show(
    h(
      "section",
      { class: "past", "aria-labelledby": "past" },
      h("header", { class: "bar" },
        h("div", {}, h("h1", { id: "past" }, "History"), h("p", { class: "counts" }, "Kept in this browser, and nowhere else.")),
        entries.length ? clear : null),
      entries.length
        ? h("ul", { class: "shelf" }, entries.map((entry) => card(entry, true)))
        : h("div", { class: "calm" }, h("h2", {}, "Nothing yet."), h("p", {}, "What you read will stand here.")),
    ),
  );
}

function card(entry, removable = false) {
  const { id, picture, reading: read, text, when, accepted } = entry;
  const address = URL.createObjectURL(picture);
  const image = h("img", { src: address, alt: "", onload: () => URL.revokeObjectURL(address) });
  const day = new Date(when).toLocaleDateString(undefined, { day: "numeric", month: "short" });
  const item = h(
    "li",
    { class: "card" },
    h(
      "a",
      { href: `#/history/${id}` },
      h("span", { class: "thumb" }, image),
      h("span", { class: "what" }, text || "nothing read"),
      h("span", { class: "meta" }, [notationName(read.notation), day, accepted ? "accepted" : ""].filter(Boolean).join(" · ")),
    ),
  );
  if (removable) {
    item.append(
      h(
        "button",
        {
          class: "round remove",
          ariaLabel: `Forget ${text || "this reading"}`,
          onclick: async () => {
            await history.forget(id);
            item.remove();
            say("Forgotten.");
          },
        },
        icon("M6 6l12 12M18 6 6 18"),
      ),
    );
  }
  return item;
}

function review() {
  const queue = new ReviewView();
  show(queue.element);
  view = queue;
  queue.open();
}

listen(take);
document.addEventListener("keydown", (event) => view?.key?.(event));
addEventListener("hashchange", route);
document.addEventListener("click", ({ target }) => {
  const link = target.closest?.("a[href^='#/']");
  if (link && link.hash === location.hash) route(); // to where we are: begin anew
});
countReviews();
route();
