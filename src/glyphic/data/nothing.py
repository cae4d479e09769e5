"""Pictures that hold nothing that is read at one go: what a classifier of kinds learns `none` from.

Blank and ruled paper, noise, things that lie before each other as in photographs, drawings of shapes and boxes, plots,
bar codes, paragraphs, tables, pages on which several kinds stand together, several staves. And, since one line of text
is what is read, long lines in the faces of this machine. All follow from a random source; letters: H, W.
"""

import itertools
import math
import random
from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageDraw

from glyphic.data import sheets
from glyphic.data.plots import plot
from glyphic.notations import text_looks

Grey = sheets.Grey
Draw = Callable[[random.Random], Grey]



def line(rng: random.Random) -> Grey:
    """One line of three to sixteen words, or of a few in large letters, black on white."""
    count = rng.choice((rng.randint(2, 5), rng.randint(3, 16)))
    return sheets.lettered([sheets.words(rng, count)], rng.randint(14, 56), rng)


def nothing(others: Mapping[str, Draw]) -> Draw:
    """A source of pictures that hold none of the kinds. others: what draws single pictures of some kinds, for pages on
    which they stand with something else, and for several staves of `music`."""
    makers: list[tuple[float, Draw]] = [
        (0.5, blank), (0.4, ruled), (0.5, noise), (3.0, things), (1.0, texture), (1.0, shapes), (1.5, plot),
        (0.3, bars), (2.2, paragraph), (1.2, table), (0.8, boxes)]
    if others:
        makers.append((1.5, lambda rng: page(others, rng)))
    if "music" in others:
        makers.append((2.2, lambda rng: systems(others["music"], rng)))
    weights = [weight for weight, _ in makers]
    return lambda rng: rng.choices(makers, weights)[0][1](rng)


# ---- paper and scenes


def blank(rng: random.Random) -> Grey:
    """A sheet, lit from one side, with its grain, or nothing at all; sometimes a few specks."""
    height, width = sheets.extent(rng)
    sheet = np.full((height, width), rng.uniform(0.1, 1.0), np.float32)
    sheet += rng.choice((0.0, 0.05, 0.3)) * text_looks.texture((height, width), rng)
    sheet += rng.choice((0.0, 0.01, 0.03)) * sheets.grains(rng, (height, width))
    for _ in range(rng.choice((0, 0, 1, 4))):
        y, x, r = rng.randrange(height), rng.randrange(width), rng.randint(1, 4)
        sheet[max(0, y - r):y + r, max(0, x - r):x + r] *= rng.random()
    return sheets.levels(sheet)


def ruled(rng: random.Random) -> Grey:
    """Ruled or squared paper on which nothing is written."""
    height, width = sheets.extent(rng)
    sheet, step, dark = np.full((height, width), rng.uniform(0.8, 1.0), np.float32), rng.randint(8, 40), rng.random()
    sheet[rng.randrange(step)::step] *= dark
    if rng.random() < 0.6:
        sheet[:, rng.randrange(step)::step] *= dark
    return sheets.levels(sheet)


def noise(rng: random.Random) -> Grey:
    """Grains, single or in clumps, grey or black and white."""
    height, width = sheets.extent(rng)
    clump = rng.choice((1, 1, 2, 3, 6, 12))
    grains = np.kron(sheets.grains(rng, (-(-height // clump), -(-width // clump))), np.ones((clump, clump), np.float32))
    grains = grains[:height, :width]
    return sheets.levels(0.5 + 0.3 * grains if rng.random() < 0.6 else grains > rng.uniform(-2.5, 2.5))


def texture(rng: random.Random) -> Grey:
    """Clouds, stripes, bricks and slopes, over each other; noise whose power falls with its frequency, as nature's."""
    shape = sheets.extent(rng)
    if rng.random() < 0.5:
        scene = sum(rng.random() * text_looks.texture(shape, rng) for _ in range(rng.randint(1, 4)))
    else:
        y, x = np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None]
        falling = (np.hypot(y, x) + 0.5 / max(shape)) ** -rng.uniform(0.7, 2.2)
        scene = np.fft.irfft2(np.fft.rfft2(sheets.grains(rng, shape)) * falling, shape)
    return sheets.spread(np.asarray(scene, np.float32), rng)


def things(rng: random.Random) -> Grey:
    """Things before each other, of all sizes, each with its own light and texture (the dead leaves of Lee, Mumford and
    Huang, 2001, from which networks learn nearly as from photographs): some smooth, some with edges."""
    height, width = sheets.extent(rng)
    scene = np.full((height, width), rng.random(), np.float32) + 0.2 * text_looks.texture((height, width), rng)
    smallest = min(height, width) * rng.uniform(0.01, 0.1)
    for _ in range(rng.randint(4, 120)):
        size = min(smallest * rng.paretovariate(1.1), 0.7 * max(height, width))
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        mask = Image.new("L", (width, height))
        draw = ImageDraw.Draw(mask)
        if rng.random() < 0.5:
            draw.ellipse((x - size, y - size * rng.uniform(0.3, 1), x + size, y + size * rng.uniform(0.3, 1)), 255)
        else:
            turn, corners = rng.uniform(0, math.tau), rng.randint(3, 8)
            draw.polygon([(x + size * rng.uniform(0.4, 1) * math.cos(turn + k * math.tau / corners),
                           y + size * rng.uniform(0.4, 1) * math.sin(turn + k * math.tau / corners))
                          for k in range(corners)], 255)
        box = mask.getbbox()
        if box is None:
            continue
        cut = np.s_[box[1]:box[3], box[0]:box[2]]
        shape = (box[3] - box[1], box[2] - box[0])
        part = np.full(shape, rng.random(), np.float32)
        if min(shape) > 8 and rng.random() < 0.6:
            part += rng.uniform(0.05, 0.5) * text_looks.texture(shape, rng)
        scene[cut] += (part - scene[cut]) * (np.asarray(mask)[cut] / np.float32(255))
    if rng.random() < 0.7:
        scene = text_looks.blurred(scene, rng.uniform(0.4, 3.0))
    return sheets.spread(scene, rng)


# ---- drawings


def shapes(rng: random.Random) -> Grey:
    """A few lines, circles, boxes and arrows, thin or filled, that mean nothing."""
    image, draw = sheets.blank(rng)
    for _ in range(rng.choice((1, 2, rng.randint(3, 30)))):
        ends = [rng.uniform(0, side) for side in image.size * 2]
        box = (min(ends[0], ends[2]), min(ends[1], ends[3]), max(ends[0], ends[2]), max(ends[1], ends[3]))
        pen, fill = rng.choice((1, 1, 2, 3, 6)), rng.choice((None, None, rng.randrange(256)))
        kind = rng.random()
        if kind < 0.4:
            draw.line(ends, 0, pen)
        elif kind < 0.6:
            draw.rectangle(box, fill, 0, pen)
        elif kind < 0.8:
            draw.ellipse(box, fill, 0, pen)
        elif kind < 0.9:
            draw.arc(box, rng.uniform(0, 360), rng.uniform(0, 360), 0, pen)
        else:
            draw.line([(rng.uniform(0, image.width), rng.uniform(0, image.height)) for _ in range(8)], 0, pen)
    return np.asarray(image)


def boxes(rng: random.Random) -> Grey:
    """Labelled boxes joined by arrows, as in a flow chart or a window with buttons."""
    image, draw = sheets.blank(rng, 220)
    middles = []
    for _ in range(rng.randint(3, 9)):
        label = sheets.lettered([sheets.words(rng, rng.randint(1, 3))], rng.randint(11, 20), rng)
        x, y = rng.randrange(max(1, image.width - label.shape[1])), rng.randrange(max(1, image.height - 20))
        image.paste(Image.fromarray(label), (x, y))
        draw.rectangle((x - 6, y - 4, x + label.shape[1] + 6, y + label.shape[0] + 4), None, 0, rng.choice((1, 2)))
        middles.append((x + label.shape[1] / 2, y + label.shape[0] + 4))
    for start, end in itertools.pairwise(middles):
        draw.line((*start, *end), 0, 1)
    return np.asarray(image)


def bars(rng: random.Random) -> Grey:
    """A bar code, or squares of black and white as of a matrix code."""
    if rng.random() < 0.5:
        widths = [rng.randint(1, 4) for _ in range(rng.randint(30, 110))]
        row = np.repeat(np.arange(len(widths)) % 2 * 255, widths)
        code = np.tile(row.astype(np.uint8), (rng.randint(30, 120), 1))
    else:
        code = np.kron((sheets.grains(rng, (rng.randint(17, 41),) * 2) > 0) * 255, np.ones((rng.randint(2, 6),) * 2))
    return np.pad(code.astype(np.uint8), rng.randint(0, 20), constant_values=255)


# ---- pages


def paragraph(rng: random.Random) -> Grey:
    """Two to thirty lines of words, ragged or filled, in one column or two."""
    size, count = rng.randint(10, 34), rng.randint(2, 12)
    rows = rng.choice((2, 3, rng.randint(3, 8), rng.randint(8, 30)))
    columns = []
    for _ in range(rng.choice((1, 1, 1, 2))):
        lines = [sheets.words(rng, count) for _ in range(rows)]
        if rng.random() < 0.5:  # the last one ends early
            lines[-1] = " ".join(lines[-1].split()[:rng.randint(1, max(1, count))])
        columns.append(sheets.lettered(lines, size, rng))
    height = max(len(column) for column in columns)
    return np.concatenate([np.pad(column, ((0, height - len(column)), (0, size)), constant_values=255)
                           for column in columns], axis=1)


def table(rng: random.Random) -> Grey:
    """Cells of words or numbers, with all rules, some of them, or none."""
    size, rows, columns = rng.randint(10, 28), rng.randint(2, 14), rng.randint(2, 7)
    texts = [[sheets.words(rng, 1) if c == 0 or rng.random() < 0.3 else f"{rng.uniform(0, 999):.{rng.randint(0, 2)}f}"
              for c in range(columns)] for _ in range(rows)]
    cells = [[sheets.lettered([text], size, rng) for text in row] for row in texts]
    widths = [max(row[c].shape[1] for row in cells) + rng.randint(6, 40) for c in range(columns)]
    high = max(cell.shape[0] for row in cells for cell in row) + rng.randint(2, 14)
    sheet = Image.new("L", (sum(widths) + 2, rows * high + 2), 255)
    draw = ImageDraw.Draw(sheet)
    for r, row in enumerate(cells):
        for c, cell in enumerate(row):
            sheet.paste(Image.fromarray(cell), (sum(widths[:c]) + 4, r * high + (high - cell.shape[0]) // 2))
    ruling = rng.random()
    for r in range(rows + 1):
        if ruling < 0.4 or (ruling < 0.8 and r in (0, 1, rows)):
            draw.line((0, r * high, sheet.width, r * high), 0, 1)
    if ruling < 0.4:
        for c in range(columns + 1):
            draw.line((sum(widths[:c]), 0, sum(widths[:c]), sheet.height), 0, 1)
    return np.asarray(sheet)


def page(others: Mapping[str, Draw], rng: random.Random) -> Grey:
    """Paragraphs above, below or beside something else: a formula, a molecule, a staff, a plot."""
    kind = rng.choice((*others, "plot"))
    inset = plot(rng) if kind == "plot" else others[kind](rng)
    parts = [paragraph(rng), inset] + [paragraph(rng)] * (rng.random() < 0.6)
    rng.shuffle(parts)
    axis = 0 if rng.random() < 0.85 else 1
    length = max(part.shape[1 - axis] for part in parts)
    gap = rng.randint(4, 40)
    grown = []
    for part in parts:
        before = rng.choice((0, (length - part.shape[1 - axis]) // 2))
        around = [(gap, gap), (gap, gap)]
        around[1 - axis] = (before + gap, length - part.shape[1 - axis] - before + gap)
        grown.append(np.pad(part, around, constant_values=255))
    return np.concatenate(grown, axis=axis)


def systems(staff: Draw, rng: random.Random) -> Grey:
    """Two to eight staves below each other, perhaps in step with each other, or joined by lines at their left."""
    count = rng.choice((2, 2, 3, rng.randint(3, 8)))
    parts = [staff(rng)] * count if rng.random() < 0.4 else [staff(rng) for _ in range(count)]
    width = min(max(part.shape[1] for part in parts), round(1.5 * min(part.shape[1] for part in parts)))
    rows = [np.pad(part[:, :width], ((rng.randint(0, 20), rng.randint(0, 20)), (0, max(0, width - part.shape[1]))),
                   constant_values=255) for part in parts]
    sheet = np.concatenate(rows)
    if rng.random() < 0.5:
        sheet = np.pad(sheet, ((0, 0), (8, 0)), constant_values=255)
        sheet[len(rows[0]) // 3:-len(rows[-1]) // 3, 6:8] = 0
    return sheet
