"""Plots, as programs draw them: curves, points, bars and fields of greys within axes, alone or several in a figure."""

import random

import numpy as np
from PIL import Image, ImageDraw

from glyphic.data import sheets
from glyphic.data.sheets import Grey

Box = tuple[int, int, int, int]  # left, top, right, bottom


def plot(rng: random.Random) -> Grey:
    """One to four panels with ticks, numbers, titles and legends, on one sheet."""
    image, _ = sheets.blank(rng, 160)
    if rng.random() < 0.4:  # the size of figures in papers and notebooks
        image = Image.new("L", (rng.randint(260, 640), rng.randint(180, 480)), 255)
    across, down = rng.choice(((1, 1), (1, 1), (1, 1), (2, 1), (1, 2), (2, 2)))
    digits = rng.randint(8, 13)
    for row in range(down):
        for column in range(across):
            left, top = image.width * column // across, image.height * row // down
            right, bottom = image.width * (column + 1) // across, image.height * (row + 1) // down
            _panel(image, (left, top, right, bottom), digits, rng)
    return np.asarray(image)


def _panel(image: Image.Image, place: Box, digits: int, rng: random.Random) -> None:
    draw, pen = ImageDraw.Draw(image), rng.choice((1, 1, 1, 2))
    wide, high = place[2] - place[0], place[3] - place[1]
    box = (place[0] + round(wide * rng.uniform(0.06, 0.2)), place[1] + round(high * rng.uniform(0.03, 0.14)),
           place[2] - round(wide * rng.uniform(0.02, 0.12)), place[3] - round(high * rng.uniform(0.06, 0.2)))
    if box[2] - box[0] < 20 or box[3] - box[1] < 20:
        return
    if rng.random() < 0.3:
        for k in range(1, 8):
            x, y = box[0] + k * (box[2] - box[0]) // 8, box[3] - k * (box[3] - box[1]) // 8
            draw.line((x, box[1], x, box[3]), 200, 1)
            draw.line((box[0], y, box[2], y), 200, 1)
    rng.choices((_curves, _points, _bars, _field), (3, 2, 1.5, 1.5))[0](draw, box, rng)
    frame = rng.random()
    if frame < 0.65:
        draw.rectangle(box, None, 0, pen)
    elif frame < 0.95:
        draw.line((box[0], box[1], box[0], box[3], box[2], box[3]), 0, pen)
    _ticks(image, box, digits, rng)
    if rng.random() < 0.6:
        title = Image.fromarray(sheets.lettered([sheets.words(rng, rng.randint(1, 4))],
                                                digits + rng.randint(1, 5), rng))
        image.paste(title, (max(place[0], (box[0] + box[2] - title.width) // 2 if rng.random() < 0.7 else box[0]),
                            max(place[1], box[1] - title.height - 3)))


def _ticks(image: Image.Image, box: Box, digits: int, rng: random.Random) -> None:
    """Short lines, and numbers in one face, along the axes."""
    draw, outside = ImageDraw.Draw(image), rng.choice((3, 4, -4))
    unit, first = rng.choice((1, 2, 5, 0.1, 0.25, 20)), rng.choice((0, 0, -2, -10))
    for axis in (0, 1):
        count = rng.randint(3, 9)
        shift = rng.random()
        for k in range(count):
            share = (k + shift) / count
            number = Image.fromarray(sheets.lettered([f"{(first + k) * unit:g}"], digits, rng))
            if axis == 0:
                x = round(box[0] + share * (box[2] - box[0]))
                draw.line((x, box[3], x, box[3] + outside), 0, 1)
                image.paste(number, (x - number.width // 2, box[3] + 5))
            else:
                y = round(box[3] - share * (box[3] - box[1]))
                draw.line((box[0], y, box[0] - outside, y), 0, 1)
                image.paste(number, (max(0, box[0] - number.width - 6), y - number.height // 2))


def _curves(draw: ImageDraw.ImageDraw, box: Box, rng: random.Random) -> None:
    """Random walks and waves, perhaps with a legend."""
    across, count = np.linspace(0, 1, 60), rng.randint(1, 5)
    greys = [rng.randrange(170) for _ in range(count)]
    low, high = (0.0, rng.uniform(0.3, 0.95)) if rng.random() < 0.5 else (0.04, 0.96)
    for grey in greys:
        curve = np.cumsum(sheets.grains(rng, (60,))) if rng.random() < 0.5 else np.sin(
            across * rng.uniform(1, 30) + rng.random()) * np.exp(-across * rng.uniform(0, 4))
        share = low + (high - low) * (curve - curve.min()) / (np.ptp(curve) + 1e-6)
        points = list(zip((box[0] + across * (box[2] - box[0])).tolist(),
                          (box[3] - share * (box[3] - box[1])).tolist(), strict=True))
        draw.line(points, grey, rng.choice((1, 1, 2, 3)))
        if rng.random() < 0.2:
            _marks(draw, points[::4], 2, grey, rng)
    if rng.random() < 0.5:
        x, y = rng.choice((box[0] + 6, (box[0] + box[2]) // 2)), box[1] + 6
        for number, grey in enumerate(greys):
            draw.line((x, y + 12 * number + 5, x + 18, y + 12 * number + 5), grey, 2)
            draw.text((x + 22, y + 12 * number), sheets.words(rng, 1)[:12], 40)
        draw.rectangle((x - 3, y - 3, x + 70, y + 12 * count + 3), None, 200, 1)


def _points(draw: ImageDraw.ImageDraw, box: Box, rng: random.Random) -> None:
    """One to three clouds of points."""
    for _ in range(rng.randint(1, 3)):
        middle, spread = (rng.uniform(0.3, 0.7), rng.uniform(0.3, 0.7)), rng.uniform(0.06, 0.25)
        cloud = sheets.grains(rng, (rng.randint(10, 150), 2)) * spread + middle
        points = [(box[0] + x * (box[2] - box[0]), box[3] - y * (box[3] - box[1]))
                  for x, y in cloud.tolist() if 0 < x < 1 and 0 < y < 1]
        _marks(draw, points, rng.choice((1, 2, 2, 3, 4)), rng.randrange(170), rng)


def _marks(draw: ImageDraw.ImageDraw, points: list[tuple[float, float]], size: int, grey: int,
           rng: random.Random) -> None:
    kind = rng.choice(("disc", "disc", "ring", "square", "cross"))
    for x, y in points:
        around = (x - size, y - size, x + size, y + size)
        if kind == "cross":
            draw.line(around, grey, 1)
            draw.line((x - size, y + size, x + size, y - size), grey, 1)
        elif kind == "square":
            draw.rectangle(around, grey)
        else:
            draw.ellipse(around, grey if kind == "disc" else None, grey)


def _bars(draw: ImageDraw.ImageDraw, box: Box, rng: random.Random) -> None:
    """Bars beside each other, filled or not, upright or lying."""
    count, grey, share = rng.randint(3, 24), rng.randrange(200), rng.uniform(0.5, 1.0)
    lying, outlined = rng.random() < 0.2, rng.random() < 0.4
    for k in range(count):
        value = rng.uniform(0.05, 0.95)
        if lying:
            step = (box[3] - box[1]) / count
            corners = (box[0], box[1] + k * step, box[0] + value * (box[2] - box[0]), box[1] + (k + share) * step)
        else:
            step = (box[2] - box[0]) / count
            corners = (box[0] + k * step, box[3] - value * (box[3] - box[1]), box[0] + (k + share) * step, box[3])
        draw.rectangle(corners, grey, 0 if outlined else grey)


def _field(draw: ImageDraw.ImageDraw, box: Box, rng: random.Random) -> None:
    """Cells of greys: a matrix, or a smooth map, perhaps with its scale beside it."""
    rows, columns = rng.randint(3, 30), rng.randint(3, 30)
    cells = sheets.grains(rng, (rows, columns))
    if rng.random() < 0.4:
        cells = np.cumsum(np.cumsum(cells, 0), 1)
    levels = sheets.spread(cells, rng)
    for r in range(rows):
        for c in range(columns):
            draw.rectangle((box[0] + c * (box[2] - box[0]) // columns, box[1] + r * (box[3] - box[1]) // rows,
                            box[0] + (c + 1) * (box[2] - box[0]) // columns,
                            box[1] + (r + 1) * (box[3] - box[1]) // rows), int(levels[r, c]))
