"""arXiv's archives, and the field that each belongs to."""

from collections.abc import Collection

PHYSICS = (
    "acc-phys adap-org ao-sci astro-ph atom-ph bayes-an chao-dyn chem-ph comp-gas cond-mat gr-qc hep-ex hep-lat hep-ph "
    "hep-th math-ph mtrl-th nlin nucl-ex nucl-th patt-sol physics plasm-ph quant-ph solv-int supr-con"
)
CLOSED_ELSEWHERE = {"alg-geom": "math", "dg-ga": "math", "funct-an": "math", "q-alg": "math", "cmp-lg": "cs"}
FIELDS = dict.fromkeys(PHYSICS.split(), "physics") | CLOSED_ELSEWHERE


def field_of(category: str) -> str:
    """Map cs.LG to cs and quant-ph to physics, as arXiv itself groups its archives; '' to ''."""
    archive = category.partition(".")[0]
    return FIELDS.get(archive, archive)


def is_within(category: str, names: Collection[str]) -> bool:
    """Tell whether one of names is the category or its archive: cs.LG is within cs."""
    return category in names or category.partition(".")[0] in names
