"""The results of an examination: each finding is fine, a warning or an error, with reason and remedy in words."""

from dataclasses import asdict, dataclass
from enum import StrEnum

REFUSED = "Gmail, Yahoo and Outlook refuse mail or file it as spam."


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    level: Level
    subject: str  # a word or two that stay the same, such as "SPF of example.org"
    what: str
    why: str = ""
    remedy: str = ""

    def as_data(self) -> dict[str, str]:
        return asdict(self)

    def __str__(self) -> str:
        """Return lines of text: the finding, and below it why it matters and what to do."""
        head = f"{self.level:8} {self.subject}: {self.what}"
        return "\n".join([head, *(f"{'':8} {line}" for line in (self.why, self.remedy) if line)])


def fine(subject: str, what: str) -> Finding:
    return Finding(Level.OK, subject, what)


def warning(subject: str, what: str, *, why: str, remedy: str) -> Finding:
    return Finding(Level.WARNING, subject, what, why, remedy)


def error(subject: str, what: str, *, why: str, remedy: str) -> Finding:
    return Finding(Level.ERROR, subject, what, why, remedy)
