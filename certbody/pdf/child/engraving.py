"""Computes the engraved lines of the certificate: the guilloche border, the rosette behind the text and the seal.

They are written as operators of PDF, so that no page has to translate a drawing: one quarter of the braid is turned
over to the other three, and one strand of a rosette is turned round to the others, which makes them small as well.
Lengths are millimetres, downwards from the top left corner.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import cos, pi, sin

INK, GOLD, TINT = "#12355B", "#B8862D", "#E3E9F0"
WIDTH, HEIGHT = 210.0, 297.0
SEAL = 40.0
QUARTER_CIRCLE = 0.5522847  # length of the handles of a quarter of a circle, in radii
FINENESS = 100  # numbers of a path are whole hundredths of a millimetre

Point = tuple[float, float]
Curve = Callable[[float], Point]


@dataclass(frozen=True)
class Path:
    """A smooth line: where it starts, and for each piece two handles and the end of a Bezier curve."""

    start: Point
    pieces: tuple[tuple[Point, Point, Point], ...]

    def operators(self) -> str:
        drawn = [f"{_pair(self.start)} m"]
        drawn += [" ".join(map(_pair, piece)) + " c" for piece in self.pieces]
        return "\n".join(drawn)


@dataclass(frozen=True)
class Artwork:
    """A drawing as the content of a form XObject, with the forms that it draws by name."""

    box: tuple[float, float, float, float]
    content: str
    forms: dict[str, "Artwork"] = field(default_factory=dict)


def smooth_path(curve: Curve, pieces: int, end: float = 1) -> Path:
    """A path through `pieces` points of a curve of period 1 from 0 to `end`, with Hermite tangents."""
    step = end / pieces
    points = [curve(index * step) for index in range(pieces + 1)]

    def handle(index: int, sign: int) -> Point:
        before, after = curve((index * step - 1e-5) % 1), curve((index * step + 1e-5) % 1)
        length = step / 3 / 2e-5 * sign
        x, y = points[index]
        return x + (after[0] - before[0]) * length, y + (after[1] - before[1]) * length

    curves = ((handle(index - 1, 1), handle(index, -1), points[index]) for index in range(1, pieces + 1))
    return Path(points[0], tuple(curves))


def _pair(point: Point) -> str:
    return f"{round(point[0] * FINENESS)} {round(point[1] * FINENESS)}"


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


def strands(inset: float, radius: float, height: float, waves: int, count: int) -> Iterator[Curve]:
    """`count` sine strands braided round the page, each displaced by the same share of a wave.

    The braid swells once in four waves: with 80 waves it is widest in the corners of an A4 page, and what the
    strands draw together is the same left and right and above and below.
    """
    frame = rounded_frame(inset, radius)
    for strand in range(count):
        phase = 2 * pi * strand / count

        def curve(t: float, phase: float = phase) -> Point:
            swell = 0.74 + 0.26 * cos(2 * pi * waves / 4 * t)
            return frame(t, height * swell * cos(2 * pi * waves * t + phase))

        yield curve


def rosette_strand(inner: float, outer: float, petals: int) -> Curve:
    """A closed wave between two circles about the origin; turned against itself it is a banknote's lathe work."""
    middle, height = (inner + outer) / 2, (outer - inner) / 2

    def curve(t: float) -> Point:
        reach = middle + height * cos(2 * pi * petals * t)
        return reach * cos(2 * pi * t), reach * sin(2 * pi * t)

    return curve


def star(reach: float) -> list[Point]:
    """A five-pointed star about the origin; its inner corners lie on the lines between its points."""
    corners = []
    for corner in range(10):
        radius = reach if corner % 2 == 0 else reach * 0.381966
        angle = -pi / 2 + corner * pi / 5
        corners.append((radius * cos(angle), radius * sin(angle)))
    return corners


def pen(colour: str, weight: float) -> str:
    return f"{_shares(colour)} RG {weight * FINENESS:g} w"


def _shares(colour: str) -> str:
    return " ".join(f"{int(colour[at : at + 2], 16) / 255:.4g}" for at in (1, 3, 5))


def border_strands() -> list[Curve]:
    return list(strands(inset=12.2, radius=6, height=3.4, waves=80, count=5))


def braid() -> Artwork:
    """A quarter of the border's braid, from the middle of the top to the middle of the right side."""
    paths = [smooth_path(curve, 80, end=0.25).operators() for curve in border_strands()]
    return Artwork((0, 0, WIDTH, HEIGHT), "\n".join([*paths, "S"]))


def frame_line(inset: float, radius: float) -> str:
    """A rectangle with round corners, each a quarter of a circle as one curve."""
    left, top, right, bottom = inset, inset, WIDTH - inset, HEIGHT - inset
    corners = [
        ((right, top), (1, 0)),
        ((right, bottom), (0, 1)),
        ((left, bottom), (-1, 0)),
        ((left, top), (0, -1)),
    ]
    parts = [f"{_pair((left + radius, top))} m"]
    for (x, y), (across, down) in corners:  # the way that leads to the corner; behind it the way turns right
        short = radius * (1 - QUARTER_CIRCLE)
        before, after = (x - across * radius, y - down * radius), (x - down * radius, y + across * radius)
        handles = (x - across * short, y - down * short), (x - down * short, y + across * short)
        parts += [f"{_pair(before)} l", " ".join(map(_pair, (*handles, after))) + " c"]
    return "\n".join([*parts, "s"])


def rosette(name: str, count: int, petals: int) -> str:
    """The form `name`, a strand of a rosette, drawn `count` times, each turned by a share of a petal."""
    angle = -2 * pi / (count * petals)
    turn = f"{cos(angle):.6f} {sin(angle):.6f} {-sin(angle):.6f} {cos(angle):.6f} 0 0 cm"
    return f"\n{turn}\n".join([f"/{name} Do"] * count)


def strand_of_rosette(inner: float, outer: float, petals: int) -> Artwork:
    path = smooth_path(rosette_strand(inner, outer, petals), petals * 4)
    return Artwork((-outer, -outer, outer, outer), f"{path.operators()} s")


def moved(x: float, y: float, *parts: str) -> str:
    """The parts drawn with their origin at this point."""
    return "\n".join(["q", f"1 0 0 1 {_pair((x, y))} cm", *parts, "Q"])


def turned_over(content: str) -> list[str]:
    """What is drawn in the quarter right above, drawn in all four quarters of the page."""
    width, height = round(WIDTH * FINENESS), round(HEIGHT * FINENESS)
    flips = ["1 0 0 1 0 0", f"-1 0 0 1 {width} 0", f"1 0 0 -1 0 {height}", f"-1 0 0 -1 {width} {height}"]
    return [f"q {flip} cm {content} Q" for flip in flips]


def page_artwork() -> Artwork:
    """The border of a page and the rosettes behind its text."""
    forms = {
        "Braid": braid(),
        "Outer": strand_of_rosette(34, 58, 18),
        "Inner": strand_of_rosette(12, 34, 12),
    }
    parts = [
        pen(INK, 0.5),
        frame_line(7.5, 5),
        pen(INK, 0.16),
        *turned_over("/Braid Do"),
        pen(INK, 0.35),
        frame_line(16.9, 2),
        pen(GOLD, 0.15),
        frame_line(17.9, 1.4),
        pen(TINT, 0.22),
        moved(105, 155, rosette("Outer", 6, 18)),
        moved(105, 155, rosette("Inner", 4, 12)),
    ]
    return Artwork((0, 0, WIDTH, HEIGHT), "\n".join(parts), forms)


def seal_artwork() -> Artwork:
    forms = {
        "Strand": strand_of_rosette(14.6, 19.4, 30),
        "Ring": Artwork((-14, -14, 14, 14), smooth_path(rosette_strand(13.6, 13.6, 1), 8).operators() + " s"),
    }
    corners = star(4.6)
    outline = [f"{_pair(corners[0])} m", *(f"{_pair(corner)} l" for corner in corners[1:]), "f"]
    parts = [
        pen(GOLD, 0.3),
        "/Ring Do",
        f"{_shares(GOLD)} rg",
        *outline,
        pen(GOLD, 0.18),
        rosette("Strand", 4, 30),
    ]
    return Artwork((0, 0, SEAL, SEAL), moved(SEAL / 2, SEAL / 2, *parts), forms)
