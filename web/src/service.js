// The HTTP service: what the page asks of it, and its errors as sentences.

/** An answer that is no reading: title and detail as the service (RFC 9457) wrote them. */
export class Problem extends Error {
  constructor(title, detail, status, retryAfter) {
    super(title);
    Object.assign(this, { title, detail, status, retryAfter });
  }
}

const TITLES = {
  "unreadable-picture": "This picture cannot be read",
  "not-installed": "This needs a part that is not installed",
  413: "The picture is too large",
  415: "This kind of file is not read",
  429: "The service is busy",
  500: "Something went wrong in the service",
  504: "It took too long",
};

async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem("The service does not answer", "Is glyphic serve still running? Your picture is kept here.", 0);
  }
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  const seconds = Number(answer.headers.get("Retry-After")) || undefined;
  const title = TITLES[problem.code] ?? TITLES[answer.status] ?? problem.title ?? `The service answered ${answer.status}`;
  const detail = typeof problem.detail === "string" ? problem.detail : "";
  throw new Problem(title, detail.charAt(0).toUpperCase() + detail.slice(1), answer.status, seconds);
}

const asJson = (value) => ({
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(value),
});

/** A picture (Blob) -> its reading. While the service is busy it is asked again, as often and as late as it says. */
export async function read(picture, notation, { signal, waiting }) {
  for (let attempt = 0; ; attempt++) {
    const form = new FormData();
    form.append("picture", picture, picture.name || "picture");
    form.append("notation", notation);
    form.append("alternatives", "3");
    try {
      return await (await ask("v1/read", { method: "POST", body: form, signal })).json();
    } catch (problem) {
      if (problem.status !== 429 || attempt === 3) throw problem;
      const seconds = Math.min(problem.retryAfter ?? 1, 30);
      waiting(seconds);
      await new Promise((go) => setTimeout(go, 1000 * seconds));
    }
  }
}

/** A text -> {text, formats, checks, warnings} as its notation writes it; Problem for what the notation cannot hold. */
export const write = async (notation, text, signal) =>
  (await ask("v1/write", { ...asJson({ notation, text }), signal })).json();

export const models = async () => (await ask("v1/models")).json();

/** How many readings wait, or null where there is no queue. */
export async function reviewCounts() {
  try {
    return await (await ask("v1/review")).json();
  } catch (problem) {
    if (problem.status === 404) return null;
    throw problem;
  }
}

/** The next reading to look at, or null when all are done. */
export async function reviewNext(reviewer, notation) {
  const answer = await ask("v1/review/next", asJson({ reviewer, ...(notation ? { notation } : {}) }));
  return answer.status === 204 ? null : answer.json();
}

export const picture = async (url) => (await ask(url)).blob();

export const reviewDecide = (id, reviewer, decision, text) =>
  ask(`v1/review/${encodeURIComponent(id)}`, asJson({ reviewer, decision, ...(text === undefined ? {} : { text }) }));

export const reviewExport = async () => (await ask("v1/review/export")).blob();
