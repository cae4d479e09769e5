// Where pictures come from: a pasted, dropped, chosen or photographed one -> a Blob.

import { h, icon, mention } from "./dom.js";

const NOTATIONS = [
  ["auto", "Automatic"],
  ["formula", "Formula"],
  ["molecule", "Molecule"],
  ["music", "Music"],
  ["text", "Text"],
];

const pictureIn = (transfer) => [...(transfer?.files ?? [])].find(({ type }) => type.startsWith("image/"));

/** take(picture) is called for pictures that are pasted or dropped anywhere on the page. */
export function listen(take) {
  document.addEventListener("paste", (event) => {
    const picture = pictureIn(event.clipboardData);
    if (picture) {
      event.preventDefault();
      take(picture);
    } else if (!event.target.closest?.("input, textarea, math-field")) {
      mention("There is no picture on the clipboard.");
    }
  });
  let inside = 0;
  const over = (change) => {
    inside = Math.max(0, inside + change);
    document.body.classList.toggle("dragging", inside > 0);
  };
  document.addEventListener("dragenter", () => over(1));
  document.addEventListener("dragleave", () => over(-1));
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    over(-inside);
    const picture = pictureIn(event.dataTransfer);
    if (picture) take(picture);
    else mention("What was dropped is no picture.");
  });
}

/** The card to begin with; compact: one line of it, above a reading. */
export function intake(take, notation, choose, compact = false) {
  const file = h("input", {
    type: "file",
    accept: "image/*",
    hidden: true, // the button beside it opens it
    onchange: () => file.files[0] && take(file.files[0]),
  });
  const choice = h(
    "fieldset",
    { class: "notations" },
    h("legend", { class: "unseen" }, "What the picture shows"),
    NOTATIONS.map(([value, name]) =>
      h(
        "label",
        {},
        h("input", { type: "radio", name: "notation", value, checked: value === notation, onchange: () => choose(value) }),
        h("span", {}, name),
      ),
    ),
  );
  const open = h(
    "button",
    { class: compact ? "" : "strong", onclick: () => file.click() },
    icon("M12 16V4m0 0 5 5m-5-5L7 9M4 16v4h16v-4"),
    compact ? "Another picture" : "Choose a picture",
  );
  const photo = h(
    "button",
    { onclick: () => photograph(take) },
    icon("M4 8h3l2-3h6l2 3h3v11H4zM12 17a4 4 0 1 0 0-8 4 4 0 0 0 0 8"),
    "Camera",
  );
  if (compact) return h("div", { class: "intake compact" }, choice, h("div", { class: "ways" }, open, photo), file);
  return h(
    "section",
    { class: "intake", "aria-labelledby": "invitation" },
    h("h1", { id: "invitation" }, "Paste a picture, get what it says."),
    h(
      "p",
      { class: "lead" },
      "A printed formula becomes LaTeX, a molecule its structure, a staff of music can be played, a line of text its words. ",
      "Everything is read on this machine.",
    ),
    h(
      "div",
      { class: "drop" },
      h("p", { class: "drop-words" }, h("kbd", {}, "Ctrl"), " ", h("kbd", {}, "V"), " or drop it here"),
      h("div", { class: "ways" }, open, photo),
      file,
    ),
    choice,
  );
}

async function photograph(take) {
  let stream;
  try {
    const video = { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } };
    stream = await navigator.mediaDevices.getUserMedia({ video });
  } catch {
    mention("No camera can be used here.");
    return;
  }
  const video = h("video", { srcObject: stream, autoplay: true, muted: true, playsInline: true });
  const shoot = h("button", { class: "strong", onclick: shot, disabled: true }, "Take the picture");
  video.onloadeddata = () => (shoot.disabled = false);
  const dialog = h(
    "dialog",
    { class: "camera", ariaLabel: "Camera" },
    h("p", {}, "Fill the frame with one formula, molecule, staff or line."),
    video,
    h("div", { class: "ways" }, shoot, h("button", { onclick: () => dialog.close() }, "Cancel")),
  );
  dialog.onclose = () => {
    for (const track of stream.getTracks()) track.stop();
    dialog.remove();
  };
  document.body.append(dialog);
  dialog.showModal();

  function shot() {
    const canvas = h("canvas", { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext("2d").drawImage(video, 0, 0);
    canvas.toBlob((picture) => {
      dialog.close();
      take(new File([picture], "camera.jpg", { type: "image/jpeg" }));
    }, "image/jpeg", 0.92);
  }
}
