"""A grey picture of one staff -> where its five lines run and how far apart they are, in numpy alone.

Black and white runs down the columns tell the distance of the lines (Cardoso and Rebelo, "Robust staffline thickness
and distance estimation", ICPR 2010: the most frequent sum of a run and the next). Then a comb of five lines and six
gaps slides over strips of the picture, and the best path from left to right is the staff: it may rise, fall and wave.

Letters: H, W height and width in pixels, S strips, Y rows.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from glyphic.core.blocks import block_means
from glyphic.core.paths import unbent

Image = npt.NDArray[np.float32]
Array = npt.NDArray[np.float64]

LINES = 5
LEAST, MOST = 3.0, 0.24  # a space has so many pixels at least, and at most such a part of the picture's height
WORKING = 10.0  # pixels of a space in which the comb is slid: larger pictures are shrunk to that
STRIP = 1.6  # spaces: narrow enough for a staff that rises by ten degrees, wider than heads and stems
STEEP = 0.2  # spaces upwards or downwards for each space to the right: eleven degrees
FEWEST, LEAST_CLEAR = 0.045, 0.005  # clarity below which there may be no staff, and below which there is none
FAINT, SMALL = 0.3, 500_000  # clarity below which a picture of fewer pixels is looked at once more, enlarged
CLEAR = 0.5  # and of lines that leave no doubt: those of another space would reach 0.42 at most
FLAT = 0.06  # a picture whose greys differ by less is blank
NEAR, BEND = 1.3, 5.0  # of a faint staff: in spaces, how far from its first path it may be, and what a bend costs
GUESSES = 3  # peaks of the runs that the comb tries, for each of
CUT = 0.6  # spaces of paper beyond the outer lines of a staff that is whole
ALIKE, SHORTEST = 0.6, 40  # of the clarity of the clearest staff others have at least, over so many % of the width
APART = 4.6  # spaces from the middle of a staff to that of the next, at least
MANY = 30  # staves: more need not be told apart
CHANCE, LUCK = 0.15, 0.04  # clarity that a single strip, and one of a path, may show by chance
CLOSE = 0.02  # guesses of the space that promise so little less clarity than the best are followed as well
BLACK = 2.0  # times the darkness of faint lines: what is darker, as beams and heads are, counts for no more
CUBIC = (-0.0234375, 0.2265625, 0.8671875, -0.0703125)  # what a row is of those 1.75, 0.75, 0.25 above and 1.25 below
LEVELS = (0.5, 0.72, 0.88)  # of grey: thin lines of a blurred picture are faint


@dataclass(frozen=True)
class Staff:
    """Five lines, in pixels of the picture."""

    space: float  # from one line to the next
    x: Array  # (S,) where the height of the middle line is known, from left to right
    y: Array  # (S,) the height there
    clarity: float  # how much darker than the gaps the lines are, 0 to 1
    strips: "_Strips" = field(repr=False, compare=False)  # what it was found in

    def middle(self, columns: npt.NDArray[np.int64] | Array) -> Array:
        """The height of the middle line at these x; beyond the ends it goes on level."""
        return np.interp(columns, self.x, self.y)


def find(image: Image) -> Staff | None:
    """image: (H, W) in [0, 1], 1 = paper, evenly lit (see `evened`) -> its clearest staff; None where there is none.

    Of several staves it is the longest and clearest one that counts, the one nearer to the middle if in doubt. A faint
    one may be none: `count` then gives 0.
    """
    trace = _found(image)
    if (trace is None or trace.score < FAINT) and image.size < SMALL:  # thin lines are seen better between pixels
        larger = _found(_doubled(image), 2)
        if larger and (not trace or (larger.score > trace.score and count(_staff(larger)) >= count(_staff(trace)))):
            trace = larger
    if trace and trace.score < CLEAR:  # beams and heads may have led it from line to line
        trace = trace.unbent()
    return _staff(trace) if trace else None


def count(staff: Staff) -> int:
    """staff: what `find` found in a picture -> how many staves of that size lie whole in it; 0 if it may be none.

    Whole: all five lines, nearly over half of the width, and CUT spaces of paper beside them; of what a crop leaves of
    the neighbours, this is not so. The comb slides again, each time without the rows of the staves before.
    """
    if staff.clarity < FEWEST:
        return 0
    strips = staff.strips
    space = staff.space / strips.shrink
    response = strips.responses(np.array((staff.space,)))[0]
    rows = np.arange(response.shape[1])
    margin = (2 + CUT) * space
    whole = (rows > margin) & (rows < len(rows) - 1 - margin)
    path = (staff.middle((strips.x + 0.5) * strips.shrink - 0.5) + 0.5) / strips.shrink - 0.5
    least = ALIKE * float(np.median(_along(response, np.round(path).astype(np.int64))))
    response[:, ~whole] = -1.0
    found = 1
    while found < MANY:
        response[np.abs(rows[None] - path[:, None]) < APART * space] = -1.0
        again = strips.walked(response[None])[0]
        if float(np.percentile(_along(response, again), 100 - SHORTEST)) < least:
            break
        path = again.astype(np.float64)
        found += 1
    return found


def spaces(ink: npt.NDArray[np.bool_]) -> list[float]:
    """Likely distances of staff lines: peaks of the sums of a run of ink and the run of paper below (or above) it."""
    height = len(ink)
    most = int(MOST * height) + 1
    step = max(1, ink.shape[1] // 800)
    columns = ink.T[::step]
    edges = np.diff(np.pad(columns, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    column, start = np.nonzero(edges == 1)
    _, stop = np.nonzero(edges == -1)
    if len(start) < 2:
        return []
    same = column[1:] == column[:-1]
    black, white = stop - start, start[1:] - stop[:-1]
    sums = np.concatenate(((black[:-1] + white)[same], (black[1:] + white)[same]))
    thin = np.concatenate((black[:-1][same] <= white[same], black[1:][same] <= white[same]))
    counts = np.bincount(sums[thin & (sums <= most)], minlength=most + 2).astype(np.float64)
    counts[:int(LEAST)] = 0
    counts *= np.arange(len(counts))  # noise has many short runs; that of a line is as long as its space
    smooth = counts + 0.6 * (np.roll(counts, 1) + np.roll(counts, -1))
    found: list[float] = []
    for _ in range(GUESSES):
        peak = int(smooth.argmax())
        if not smooth[peak]:
            break
        near = np.arange(max(0, peak - 1), min(len(counts), peak + 2))
        found.append(float((near * counts[near]).sum() / counts[near].sum()))
        smooth[max(0, int(0.85 * peak)):int(1.15 * peak) + 2] = 0
    return [space for space in found if space >= LEAST]


def evened(image: Image) -> Image:
    """image: (H, W) in [0, 1], any polarity and light -> dark ink on paper of 1, shadows and slopes taken away.

    Paper is what is bright around each place, ink what is dark in the picture at large.
    """
    if float(image.max() - image.min()) < FLAT:
        return np.ones_like(image, dtype=np.float32)
    height, width = image.shape
    block = max(1, round(height / 6))
    rows, columns = max(1, round(height / block)), max(1, round(width / block))
    y, x = np.arange(rows) * height // rows, np.arange(columns) * width // columns
    down, across = np.diff(y, append=height), np.diff(x, append=width)
    mean = _sums(image, y, x) / (down[:, None] * across[None])
    high = np.repeat(np.repeat(mean.astype(np.float32), down, 0), across, 1)
    differs = image - high
    if float(np.mean(differs * differs * differs)) > 0:  # ink is what there is less of, and is far from what is around
        image, high = 1 - image, 1 - high
    above = image >= high  # of each block the brighter part: its mean is paper
    paper = _sums(np.where(above, image, 0), y, x) / np.maximum(_sums(above, y, x), 1)
    paper = _smoothed(paper)
    field = _stretched(paper, height, width)
    ratio = image / np.maximum(field, 0.05)
    # of every row, for a line may be one row
    few = ratio[:, ::3].ravel()
    ink = float(np.partition(few, len(few) // 100)[len(few) // 100]) if ratio.size > 2000 else float(ratio.min())
    if 1 - ink < FLAT:
        return np.ones_like(image, dtype=np.float32)
    result: Image = np.clip((ratio - ink) / (1 - ink), 0.0, 1.0).astype(np.float32)
    return result


def levelled(image: Image, rows: npt.NDArray[np.floating], height: int) -> Image:
    """image: (H, W), rows: (W,) -> (height, W): every column moved so that its row `rows` (a fraction is fine) comes to
    the middle, (height - 1) / 2; what lies outside is paper."""
    width = image.shape[1]
    above = np.floor(rows - (height - 1) / 2).astype(np.int64)
    part = (rows - (height - 1) / 2 - above).astype(np.float32)
    padded = np.ones((len(image) + 2, width), np.float32)
    padded[1:-1] = image
    index = np.arange(height)[:, None] + above[None] + 1
    across = np.arange(width)[None]
    first = padded[index.clip(0, len(image) + 1), across]
    second = padded[(index + 1).clip(0, len(image) + 1), across]
    result: Image = first + (second - first) * part
    return result


# ---- the comb


def _found(image: Image, enlarged: int = 1) -> "_Trace | None":
    """The clearest staff of a picture that is so many times as large as the one in whose pixels the answer is."""
    merged = _merged(image)
    tried: list[float] = []
    hopes: list[tuple[float, float, float]] = []  # clarity at least, clarity, space
    for guess in (space for level in LEVELS for space in spaces(merged < level)):
        if any(abs(guess / other - 1) < 0.08 for other in tried):
            continue
        tried.append(guess)
        some = _strips(image, guess, enlarged, every=2)
        if some is None:
            continue
        least, clarity = some.promise()
        hopes.append((least, clarity, guess))
        if clarity >= CLEAR:  # no other space would show more
            hopes = hopes[-1:]
            break
    hopes.sort(reverse=True)
    traces = []
    for least, clarity, guess in hopes[:GUESSES]:
        if least < hopes[0][0] - CLOSE:
            break
        strips = _strips(image, guess, enlarged)
        trace = strips and _traced(strips if clarity >= CLEAR else strips.dimmed(BLACK * clarity))
        if trace:
            traces.append(trace)
    return max(traces, key=lambda trace: trace.score - LUCK / len(trace.path) ** 0.5, default=None)


@dataclass(frozen=True)
class _Strips:
    """What the rows of a picture have in common within strips of about two spaces."""

    dark: Image  # (S, Y) in working pixels
    x: Array  # (S,) middles of the strips, in working pixels
    shrink: float  # pixels of the picture for one of these
    guess: float  # of the space, in pixels of the picture

    def responses(self, spaces: Array) -> Image:
        """spaces: (F,) in pixels of the picture -> (F, S, Y) for every row as that of the middle line: the lines'
        darkness less that of the gaps and of a line more."""
        widest = float(spaces.max()) / self.shrink
        height, reach = self.dark.shape[1], int(np.ceil(3 * widest)) + 2
        padded = np.pad(self.dark, ((0, 0), (reach, reach)))
        smooth = padded.copy()
        smooth[:, 1:-1] = 0.5 * padded[:, 1:-1] + 0.25 * (padded[:, 2:] + padded[:, :-2])

        def at(offset: float) -> Image:
            low = int(np.floor(offset))
            part = np.float32(offset - low)
            here = smooth[:, reach + low:reach + low + height]
            found: Image = here + part * (smooth[:, reach + low + 1:reach + low + 1 + height] - here)
            return found

        found = np.empty((len(spaces), *self.dark.shape), np.float32)
        for response, space in zip(found, (spaces / self.shrink).tolist(), strict=True):
            lines = [at(k * space) for k in range(-2, 3)]
            gaps = [at((k + 0.5) * space) for k in range(-3, 3)]
            response[:] = 0.7 / LINES * sum(lines) + 0.3 * np.minimum.reduce(lines) - sum(gaps) / 6
            response -= 0.1 * (at(3 * space) + at(-3 * space))
        return found

    def promise(self) -> tuple[float, float]:
        """How clear a staff of the guessed space is at least, but for chance, and how clear it may be: where each strip
        has its clearest rows. Chance shows less in the mean of more strips."""
        clearest = self.responses(self.guess * np.array((0.97, 1.03))).max(axis=2)
        means = clearest.mean(axis=1)
        best = int(means.argmax())
        return float(means[best] - CHANCE / len(self.x) ** 0.5), float(np.median(clearest[best]))

    def dimmed(self, darkness: float) -> "_Strips":
        """The same with nothing darker than paper by more than this."""
        most = np.float32(np.median(self.dark)) + np.float32(darkness)
        return replace(self, dark=np.minimum(self.dark, most))

    def walked(self, responses: Image) -> npt.NDArray[np.int64]:
        """(F, S, Y) -> (F, S) the best path of each from left to right, which is not steep."""
        sheets, count, height = responses.shape
        biased = responses - np.float32(0.02) * np.abs(np.arange(height, dtype=np.float32) - (height - 1) / 2) / height
        steps = max(1, round(STEEP * STRIP * self.guess / self.shrink))
        cost = np.float32(0.03) * np.abs(np.arange(-steps, steps + 1, dtype=np.float32))[:, None]
        total = np.full((count, sheets, height + 2 * steps), -np.inf, np.float32)
        moves = np.lib.stride_tricks.sliding_window_view(total, height, axis=2)  # (S, F, 2 * steps + 1, Y)
        inner = total[:, :, steps:-steps]
        inner[0] = biased[:, 0]
        for k in range(1, count):
            np.add((moves[k - 1] - cost).max(axis=1), biased[:, k], out=inner[k])
        path = np.empty((sheets, count), np.int64)
        path[:, -1] = inner[-1].argmax(axis=1)
        sheet, around = np.arange(sheets)[:, None], np.arange(2 * steps + 1)[None]
        for k in range(count - 1, 0, -1):  # where each came from is looked up along the paths alone
            before = total[k - 1, sheet, path[:, k, None] + around] - cost[:, 0]
            path[:, k - 1] = path[:, k] + before.argmax(axis=1) - steps
        return path


def _strips(image: Image, guess: float, enlarged: int = 1, every: int = 1) -> _Strips | None:
    """Darkness that most columns of a strip share, so that stems and heads weigh little.

    enlarged: how many times as large the image is as the picture in whose pixels the strips are; guess: in the image's.
    every: 2 for every second strip, and so on.
    """
    shrink = max(1, int(guess / WORKING))
    seen = block_means(image, shrink, shrink) if shrink > 1 else image
    height, width = seen.shape
    if height < 4 * guess / shrink:
        return None
    strip = max(3, round(STRIP * guess / shrink))
    count = max(1, width // strip)
    edges = np.arange(count + 1) * width // count
    size = int(np.diff(edges).min())
    first, last = edges[:-1:every], edges[1::every]  # of all strips: those that are a column wider lose their last one
    planes = _ordered([seen[:, first + k] for k in range(size)])
    high = size - size // 4
    low = min(high - 1, size - max(size // 4 + 1, 3 * size // 4))
    dark = (1 - sum(planes[low:high]) / np.float32(high - low)).T
    return _Strips(np.ascontiguousarray(dark), (first + last - 1) / 2, shrink / enlarged,
                   guess / enlarged)


def _ordered(planes: list[Image]) -> list[Image]:
    """Pictures of one size -> as many whose first has each place's least value, the last the greatest.

    Batcher's odd-even merge sort ("Sorting networks and their applications", 1968): of a dozen values at each of
    thousands of places it takes a fifth of what sorting place by place does.
    """
    count, planes = len(planes), list(planes)
    p = 1
    while p < count:
        k = p
        while k >= 1:
            for j in range(k % p, count - k, 2 * k):
                for i in range(j, min(j + k, count - k)):
                    if i // (2 * p) == (i + k) // (2 * p):
                        planes[i], planes[i + k] = (np.minimum(planes[i], planes[i + k]),
                                                    np.maximum(planes[i], planes[i + k]))
            k //= 2
        p *= 2
    return planes


@dataclass(frozen=True)
class _Trace:
    """The path of a staff's middle line through strips, and how clear its lines are there."""

    strips: _Strips
    response: Image  # (S, Y)
    path: npt.NDArray[np.int64]  # (S,)
    space: float  # in working pixels
    score: float

    def unbent(self) -> "_Trace":
        return replace(self, path=unbent(self.response, self.path, self.space, NEAR, STEEP * STRIP, BEND))


def _traced(strips: _Strips) -> _Trace | None:
    spaces = strips.guess * np.array((0.95, 1.0, 1.05))
    responses = strips.responses(spaces)
    paths = strips.walked(responses)
    scores = [float(_along(response, path).mean()) for response, path in zip(responses, paths, strict=True)]
    best = int(np.argmax(scores))
    if scores[best] < LEAST_CLEAR:
        return None
    return _Trace(strips, responses[best], paths[best], float(spaces[best]) / strips.shrink, scores[best])


def _staff(trace: _Trace) -> Staff:
    strips, shrink = trace.strips, trace.strips.shrink
    y = _steadied(_refined(trace.response, trace.path))
    return Staff(_measured(strips, trace.path, trace.space) * shrink, (strips.x + 0.5) * shrink - 0.5,
                 (y + 0.5) * shrink - 0.5, trace.score, strips)


def _measured(strips: _Strips, path: npt.NDArray[np.int64], space: float) -> float:
    """The space to a hundredth, in working pixels: the middles of five lines, all strips laid over each other."""
    reach = int(2.6 * space) + 2
    padded = np.pad(strips.dark, ((0, 0), (reach, reach)))
    rows = path[:, None] + np.arange(2 * reach + 1)[None]
    mean = np.median(padded[np.arange(len(path))[:, None], rows], axis=0)  # row `reach` is that of the middle line
    ks, places = np.arange(-2, 3), np.empty(LINES)
    for index, k in enumerate(ks):
        near = np.arange(round(reach + k * space - 0.35 * space), round(reach + k * space + 0.35 * space) + 1)
        weight = (mean[near] - np.sort(mean[near])[len(near) // 3]).clip(0) + 1e-9
        places[index] = (near * weight).sum() / weight.sum() - reach
    return float((ks * places).sum() / (ks * ks).sum())


def _along(response: Image, path: npt.NDArray[np.int64]) -> Image:
    """(S, Y), (S,) -> (S,)"""
    result: Image = response[np.arange(len(path)), path.clip(0, response.shape[1] - 1)]
    return result


def _refined(response: Image, path: npt.NDArray[np.int64]) -> Array:
    """The path between pixels: the top of a parabola through three responses."""
    rows, height = np.arange(len(path)), response.shape[1]
    before, here, after = (response[rows, (path + d).clip(0, height - 1)] for d in (-1, 0, 1))
    bend = before - 2 * here + after
    shift = np.where(bend < -1e-6, 0.5 * (before - after) / np.where(bend < -1e-6, bend, 1), 0.0)
    result: Array = path + shift.clip(-1, 1)
    return result


def _steadied(heights: Array) -> Array:
    """Each height becomes the median, then the mean, of those around it, less the common slope: single strips err."""
    count = len(heights)
    if count < 3:
        return np.full(count, float(np.median(heights)))
    for statistic, reach in ((np.median, 2), (np.mean, 1)):
        slope = float(np.median(np.diff(heights)))
        level = heights - slope * np.arange(count)
        padded = np.pad(level, reach, mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
        heights = statistic(windows, axis=1) + slope * np.arange(count)
    return heights


# ---- means


def _doubled(image: Image) -> Image:
    """(H, W) -> (2 H, 2 W), cubic between the middles of pixels (Keys 1981): lines three pixels apart stay apart."""
    for _ in range(2):
        count = len(image)
        padded = np.concatenate((image[:1], image[:1], image, image[-1:], image[-1:]))
        upper, above, here, below, lower = (padded[k:k + count] for k in range(5))
        a, b, c, d = (np.float32(share) for share in CUBIC)
        both = np.stack((a * upper + b * above + c * here + d * below,
                         d * above + c * here + b * below + a * lower), axis=1)
        image = both.reshape(-1, image.shape[1]).T
    return np.ascontiguousarray(image.clip(0, 1), dtype=np.float32)


def _sums(values: npt.NDArray[np.generic], y: npt.NDArray[np.int64], x: npt.NDArray[np.int64]) -> Array:
    return np.add.reduceat(np.add.reduceat(values, y, axis=0, dtype=np.float64), x, axis=1)


def _smoothed(field: Array) -> Array:
    for axis in (0, 1):
        padded = np.pad(field, [(1, 1) if a == axis else (0, 0) for a in (0, 1)], mode="edge")
        length = field.shape[axis]
        parts = [np.take(padded, np.arange(k, k + length), axis) for k in range(3)]
        field = 0.25 * parts[0] + 0.5 * parts[1] + 0.25 * parts[2]
    return field


def _stretched(field: Array, height: int, width: int) -> Image:
    """Linear between the middles of the blocks."""
    result = field.astype(np.float32)
    for length in (height, width):
        count = len(result)
        at = ((np.arange(length) + 0.5) * count / length - 0.5).clip(0, count - 1)
        low = np.minimum(at.astype(np.int64), max(0, count - 2))
        part = (at - low).astype(np.float32)[:, None]
        result = (result[low] + part * (result[np.minimum(low + 1, count - 1)] - result[low])).T
    return result


def _merged(image: Image) -> Image:
    """The means of three columns each: noise has no rows, lines do."""
    width = image.shape[1] // 3 * 3
    if not width:
        return image
    result: Image = (image[:, 0:width:3] + image[:, 1:width:3] + image[:, 2:width:3]) / np.float32(3)
    return result
