"""The cost of a synthesis against the size of the mesh, as an SVG without scripts."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import ceil, floor, log10

from tests.bench.synthesis import Size

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 64, 220, 24, 48
COLORS = ("#8c564b", "#1f77b4", "#2ca02c", "#ff7f0e", "#9467bd", "#17becf")
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#24292f}.grid{stroke:#d0d7de}"
    "@media(prefers-color-scheme:dark){text{fill:#c9d1d9}.grid{stroke:#30363d}}"
)


def chart(sizes: Sequence[Size]) -> str:
    """The SVG: a line for each work, both axes logarithmic.

    Args:
        sizes: the figures by size; at least two sizes.
    """
    lines: dict[str, list[tuple[float, float]]] = {}
    for size in sizes:
        for one in size.figures:
            lines.setdefault(one.what, []).append((log10(size.flows), log10(one.seconds)))
    points = [point for line in lines.values() for point in line]
    x_from, x_to = min(x for x, _ in points), max(x for x, _ in points)
    y_from, y_to = floor(min(y for _, y in points)), ceil(max(y for _, y in points))

    def at(x: float, y: float) -> tuple[float, float]:
        across = LEFT + (x - x_from) / (x_to - x_from) * (WIDTH - LEFT - RIGHT)
        return across, TOP + (y_to - y) / (y_to - y_from) * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        "<title>Seconds by number of flows</title>",
        f"<style>{STYLE}</style>",
    ]
    for power in range(y_from, y_to + 1):
        _, y = at(x_from, power)
        parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g} s</text>')
    for size in sizes:
        x, _ = at(log10(size.flows), y_from)
        parts.append(f'<path class="grid" d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}"/>')
        parts.append(
            f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{size.flows:,}</text>'
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">flows</text>')
    for number, (what, line) in enumerate(lines.items()):
        color = COLORS[number % len(COLORS)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*point) for point in line))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>')
        y = TOP + 16 + number * 22
        parts.append(f'<path d="M{WIDTH - RIGHT + 12} {y - 4}h18" stroke="{color}" stroke-width="3"/>')
        parts.append(f'<text x="{WIDTH - RIGHT + 36}" y="{y}">{escape(what)}</text>')
    return "\n".join([*parts, "</svg>", ""])
