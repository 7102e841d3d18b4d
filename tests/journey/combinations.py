"""The ways in which a reader comes: with which hands, how wide, how bright, and how large."""

from itertools import product
from typing import Any, Literal, NamedTuple

Way = Literal["mouse", "keyboard", "without scripts"]
Theme = Literal["light", "dark"]
Size = Literal["100 %", "zoom 200 %", "text 200 %"]
WAYS: tuple[Way, ...] = ("mouse", "keyboard", "without scripts")
HEIGHTS = {320: 640, 768: 1024, 1440: 900}
THEMES: tuple[Theme, ...] = ("light", "dark")
SIZES: tuple[Size, ...] = ("100 %", "zoom 200 %", "text 200 %")


class Combination(NamedTuple):
    way: Way
    width: int
    theme: Theme
    size: Size

    def __str__(self) -> str:
        return ", ".join(map(str, self))

    @property
    def context(self) -> dict[str, Any]:
        """Options of a browser's context. Zoomed, a window has half as many of the page's own pixels each way."""
        scale = 2 if self.size == "zoom 200 %" else 1
        return {
            "viewport": {"width": self.width // scale, "height": HEIGHTS[self.width] // scale},
            "device_scale_factor": scale,
            "color_scheme": self.theme,
            "java_script_enabled": self.way != "without scripts",
            "locale": "en-GB",
            "timezone_id": "Europe/Berlin",
        }


ALL = tuple(Combination(*each) for each in product(WAYS, HEIGHTS, THEMES, SIZES))
# A Latin square, dark on its diagonal: any two values of different columns meet in one of the nine.
PAIRWISE = tuple(
    Combination(way, width, THEMES[row == column], SIZES[(row + column) % 3])
    for row, way in enumerate(WAYS)
    for column, width in enumerate(HEIGHTS)
)
