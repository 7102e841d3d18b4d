"""What a model's cosines are worth on the one scale that every line of the matching was measured on.

That scale is the packaged model's. Another model's cosines may all lie above .7, or near .96: the same pair of texts is
then as near as ever, and the number is another. A scale for each kind of pair turns its cosines into measured ones;
which they are is measured in recommender/embedding/calibration.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Any, NamedTuple

from numpy.typing import NDArray


class CosineScale(NamedTuple):
    """Measured cosine = slope · cosine + shift."""

    slope: float = 1.0
    shift: float = 0.0

    def of(self, cosines: NDArray[Any]) -> NDArray[Any]:
        """Return cosines of any shape as measured ones."""
        return cosines if self == SAME else cosines * cosines.dtype.type(self.slope) + cosines.dtype.type(self.shift)

    def raw(self, measured: float) -> float:
        """Return the model's own cosine for a measured one."""
        return (measured - self.shift) / self.slope

    def of_mean(self, length: float, concentration: float) -> CosineScale:
        """Return the scale for cosines with the direction of a weighted mean of vectors, if this one is for theirs.

        length is that of the mean (of weights that sum to 1), concentration the sum of the weights' squares. Vectors
        that have much in common with everything have a long mean, which says nothing of these papers: by measured
        cosines, and 1 of each with itself, the mean would have the length that the result is divided by.
        """
        if self == SAME:
            return self
        square = self.slope * length**2 + self.shift + (1 - self.slope - self.shift) * concentration
        own = sqrt(max(square, concentration))
        return CosineScale(self.slope * length / own, self.shift / own)


SAME = CosineScale()


class Calibration(NamedTuple):
    """The scales of one model."""

    texts: CosineScale = SAME  # of a topic or what somebody wrote, with a paper
    papers: CosineScale = SAME  # of two papers
    alike: CosineScale = SAME  # of two papers that say nearly the same

    @classmethod
    def of(cls, stored: Mapping[str, Any] | None) -> Calibration:
        """Rebuild what as_data gave; nothing stored is the packaged model's."""
        return cls(**{name: CosineScale(*scale) for name, scale in stored.items()}) if stored else cls()

    def as_data(self) -> dict[str, list[float]]:
        return {name: list(scale) for name, scale in self._asdict().items()}


AS_MEASURED = Calibration()
