// A reading while a person goes through it: its text with the alternatives chosen so far, and where its spots are now.

/** Old and new text -> {start, stop, text}: the stretch of the old one that differs, and what stands there now. */
export function difference(old, now) {
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start++;
  let end = 0;
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  return { start, stop: old.length - end, text: now.slice(start, now.length - end) };
}

/** Spans count characters; strings here count halves of those beyond U+FFFF: number of a character -> index. */
function units(text) {
  if (!/[\ud800-\udfff]/.test(text)) return (at) => at;
  const characters = [...text];
  return (at) => characters.slice(0, at).join("").length;
}

export class Draft {
  /** reading: as /v1/read answers; text: another one, where a person has edited it before. */
  constructor(reading, text = reading.text) {
    this.reading = reading;
    this.edited = text === reading.text ? null : text;
    const at = units(reading.text);
    this.spots = (reading.spots ?? []).map((spot) => ({ ...spot, span: spot.span?.map(at), settled: false, chosen: 0 }));
  }

  /** The text as it stands: edited by hand, or the reading with what was chosen at its spots. */
  get text() {
    if (this.edited !== null) return this.edited;
    let text = this.reading.text;
    for (const { start, stop, text: now } of [...this.#changes()].reverse()) {
      text = text.slice(0, start) + now + text.slice(stop);
    }
    return text;
  }

  /** Where each spot stands in the text now: [start, stop], or null after an edit by hand. */
  get spans() {
    if (this.edited !== null) return this.spots.map(() => null);
    const changes = this.#changes();
    const moved = (at) => {
      let shift = 0;
      for (const { start, stop, text } of changes) if (stop <= at && start < at) shift += text.length - (stop - start);
      return at + shift;
    };
    return this.spots.map(({ span }) => span && [moved(span[0]), Math.max(moved(span[0]), moved(span[1]))]);
  }

  /** What may stand at a spot: the reading's own token first, then the alternatives. */
  choices(index) {
    const spot = this.spots[index];
    return [{ token: spot.token, p: spot.p, text: this.reading.text }, ...(spot.alternatives ?? [])].slice(0, 5);
  }

  choose(index, choice) {
    const spot = this.spots[index];
    if (!this.choices(index)[choice]) return false;
    this.edited = null;
    spot.chosen = choice;
    spot.settled = true;
    if (choice) {
      // two whole readings may differ in overlapping stretches: the later choice stands
      const mine = this.#change(index);
      for (const [other, { chosen }] of this.spots.entries()) {
        if (other === index || !chosen) continue;
        const theirs = this.#change(other);
        if (theirs.start < mine.stop && mine.start < theirs.stop) this.spots[other].chosen = 0;
      }
    }
    return true;
  }

  settle(index) {
    this.spots[index].settled = true;
  }

  edit(text) {
    this.edited = text;
  }

  /** Back to what was read. */
  revert() {
    this.edited = null;
    for (const spot of this.spots) Object.assign(spot, { settled: false, chosen: 0 });
  }

  get changed() {
    return this.text !== this.reading.text;
  }

  /** The next spot that nobody has looked at, after `index`, around the end; -1 where there is none. */
  unsettled(index) {
    const order = this.spots.map((_, step) => (index + 1 + step) % this.spots.length);
    return order.find((at) => !this.spots[at].settled) ?? -1;
  }

  #change(index) {
    const { chosen, span } = this.spots[index];
    const { token, text } = this.choices(index)[chosen];
    const read = this.reading.text;
    return difference(read, text ?? read.slice(0, span[0]) + token + read.slice(span[1]));
  }

  #changes() {
    const chosen = [...this.spots.keys()].filter((index) => this.spots[index].chosen);
    return chosen.map((index) => this.#change(index)).sort((a, b) => a.start - b.start);
  }
}
