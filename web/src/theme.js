// The choice of this browser, light or dark, before the page is drawn; without one the system decides.

const KEY = "glyphic.theme";

const prefersDark = () => matchMedia("(prefers-color-scheme: dark)").matches;

export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : prefersDark();
}

export function setDark(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  // A choice that says what the system says is none: the page goes with the system again.
  if (dark === prefersDark()) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, dark ? "dark" : "light");
}

const kept = localStorage.getItem(KEY);
if (kept) document.documentElement.dataset.theme = kept;
