"""Computes the engraved lines of the certificate: the guilloche border, the rosette behind the text and the
seal.

The drawings in `assets` are the output of this module (`python -m certbody.pdf.engraving`); a test compares
them, so a drawing is changed here and nowhere else. Lengths are millimetres.
"""

from collections.abc import Callable, Iterator
from math import cos, pi, sin
from pathlib import Path

ASSETS = Path(__file__).parent / "assets"
INK, GOLD, TINT = "#12355B", "#B8862D", "#E3E9F0"
WIDTH, HEIGHT = 210.0, 297.0

Point = tuple[float, float]
Curve = Callable[[float], Point]


def closed_path(curve: Curve, pieces: int) -> str:
    """A smooth closed path through `pieces` points of a curve over [0, 1), with Hermite tangents."""
    step = 1 / pieces
    points = [curve(index * step) for index in range(pieces + 1)]

    def handle(index: int, sign: int) -> Point:
        before, after = curve((index * step - 1e-5) % 1), curve((index * step + 1e-5) % 1)
        length = step / 3 / 2e-5 * sign
        x, y = points[index]
        return x + (after[0] - before[0]) * length, y + (after[1] - before[1]) * length

    start, first = points[0], handle(0, 1)
    parts = [f"M{_pair(start)}C{_pair(first)} {_pair(handle(1, -1))} {_pair(points[1])}"]
    parts += [f"S{_pair(handle(index, -1))} {_pair(points[index])}" for index in range(2, pieces + 1)]
    return "".join(parts) + "Z"


def _pair(point: Point) -> str:
    return " ".join(f"{value:.2f}".rstrip("0").rstrip(".") for value in point)


def rounded_frame(inset: float, radius: float) -> Callable[[float, float], Point]:
    """Point at share `t` of the way round a rounded rectangle, moved `offset` outwards along the normal.

    The way begins in the middle of the top side, so whatever is even in `t` is the same left and right.
    """
    across, down = WIDTH - 2 * (inset + radius), HEIGHT - 2 * (inset + radius)
    quarter = pi * radius / 2
    left, top, right, bottom = inset + radius, inset + radius, WIDTH - inset - radius, HEIGHT - inset - radius
    # each straight side is followed by the corner that turns clockwise from its normal
    sides: list[tuple[float, Point, Point, float]] = [
        (across, (left, inset), (1, 0), -pi / 2),
        (down, (WIDTH - inset, top), (0, 1), 0),
        (across, (right, HEIGHT - inset), (-1, 0), pi / 2),
        (down, (inset, bottom), (0, -1), pi),
    ]
    centres = [(right, top), (right, bottom), (left, bottom), (left, top)]
    total = 2 * (across + down) + 4 * quarter
    middle = (WIDTH / 2, inset)

    def point(t: float, offset: float) -> Point:
        way = (t * total + across / 2) % total
        for (length, start, direction, normal), centre in zip(sides, centres, strict=True):
            if way < length:
                return (
                    start[0] + direction[0] * way + cos(normal) * offset,
                    start[1] + direction[1] * way + sin(normal) * offset,
                )
            way -= length
            if way < quarter:
                angle = normal + way / radius
                reach = radius + offset
                return centre[0] + cos(angle) * reach, centre[1] + sin(angle) * reach
            way -= quarter
        return middle[0], middle[1] - offset

    return point


def strands(inset: float, radius: float, height: float, waves: int, count: int) -> Iterator[str]:
    """`count` sine strands braided round the page, each displaced by the same share of a wave.

    The braid swells once in four waves: with 80 waves it is widest in the corners of an A4 page.
    """
    frame = rounded_frame(inset, radius)
    for strand in range(count):
        phase = 2 * pi * strand / count

        def curve(t: float, phase: float = phase) -> Point:
            swell = 0.74 + 0.26 * cos(2 * pi * waves / 4 * t)
            return frame(t, height * swell * cos(2 * pi * waves * t + phase))

        yield closed_path(curve, waves * 4)


def rosette(centre: Point, inner: float, outer: float, petals: int, count: int) -> Iterator[str]:
    """`count` closed waves between two circles, turned against each other: the lathe work of a banknote."""
    middle, height = (inner + outer) / 2, (outer - inner) / 2
    for turn in range(count):
        phase = 2 * pi * turn / count

        def curve(t: float, phase: float = phase) -> Point:
            reach = middle + height * cos(2 * pi * petals * t + phase)
            return centre[0] + reach * cos(2 * pi * t), centre[1] + reach * sin(2 * pi * t)

        yield closed_path(curve, petals * 4)


def star(centre: Point, reach: float) -> str:
    """A five-pointed star whose inner corners lie on the lines between its points."""
    corners = []
    for corner in range(10):
        radius = reach if corner % 2 == 0 else reach * 0.381966
        angle = -pi / 2 + corner * pi / 5
        corners.append((centre[0] + radius * cos(angle), centre[1] + radius * sin(angle)))
    return "M" + "L".join(_pair(corner) for corner in corners) + "Z"


def drawing(width: float, height: float, *shapes: str) -> str:
    size = f'width="{width:g}mm" height="{height:g}mm" viewBox="0 0 {width:g} {height:g}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n' + "\n".join(shapes) + "\n</svg>\n"


def lines(paths: Iterator[str], colour: str, weight: float) -> str:
    """One element for a whole family of strands: fewer elements are less work for every page drawn."""
    return f'<path fill="none" stroke="{colour}" stroke-width="{weight:g}" d="{"".join(paths)}"/>'


def rectangle(inset: float, radius: float, weight: float, colour: str = INK) -> str:
    return (
        f'<rect x="{inset:g}" y="{inset:g}" width="{WIDTH - 2 * inset:g}" height="{HEIGHT - 2 * inset:g}" '
        f'rx="{radius:g}" fill="none" stroke="{colour}" stroke-width="{weight:g}"/>'
    )


def border() -> str:
    return drawing(
        WIDTH,
        HEIGHT,
        rectangle(7.5, 5, 0.5),
        lines(strands(inset=12.2, radius=6, height=3.4, waves=80, count=5), INK, 0.16),
        rectangle(16.9, 2, 0.35),
        rectangle(17.9, 1.4, 0.15, GOLD),
    )


def watermark() -> str:
    centre = (60.0, 60.0)
    return drawing(
        120,
        120,
        lines(rosette(centre, 34, 58, 18, 6), TINT, 0.22),
        lines(rosette(centre, 12, 34, 12, 4), TINT, 0.22),
    )


def seal() -> str:
    centre = (20.0, 20.0)
    return drawing(
        40,
        40,
        lines(rosette(centre, 14.6, 19.4, 30, 4), GOLD, 0.18),
        f'<circle cx="20" cy="20" r="13.6" fill="none" stroke="{GOLD}" stroke-width="0.3"/>',
        f'<path fill="{GOLD}" d="{star(centre, 4.6)}"/>',
    )


def drawings() -> dict[str, str]:
    return {"border.svg": border(), "watermark.svg": watermark(), "seal.svg": seal()}


if __name__ == "__main__":
    for name, content in drawings().items():
        (ASSETS / name).write_text(content, encoding="utf-8")
