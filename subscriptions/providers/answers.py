"""What a provider answered to one mail, taken from wherever Anymail and the libraries below it leave it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # this room is read before Django knows its settings
    from anymail.message import AnymailStatus

Words = Callable[["Answer"], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int | None = None  # of HTTP, None where there was no answer
    body: Any = None  # the JSON that came, None if none did
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case


def of_error(error: BaseException) -> Answer:
    """Return the answer that an error was raised for; an empty one if none had come."""
    return _of_response(getattr(error, "response", None))


def of_report(report: "AnymailStatus | None") -> Answer:
    """Return the answer that Anymail read a report from."""
    return _of_response(getattr(report, "esp_response", None))


def at(*path: str) -> Words:
    """Return a reader of the words at a path of the body; in a list of anything each one is looked into."""

    def words(answer: Answer) -> Iterator[str]:
        return _walk(answer.body, path)

    return words


def nothing(answer: Answer) -> Iterator[str]:
    """Read no word: the provider has none that tells one refusal from another."""
    return iter(())


def phrases(words: Words, *known: str) -> Words:
    """Return a reader of those of the known phrases that stand in these words, for providers that have no codes.

    A phrase has a blank in it: the words may quote an address, which has none.
    """

    def found(answer: Answer) -> Iterator[str]:
        text = " ".join(words(answer))
        return (phrase for phrase in known if phrase in text)

    return found


def all_of(*readers: Words) -> Words:
    """Return a reader of all that these read, in their order."""

    def words(answer: Answer) -> Iterator[str]:
        for reader in readers:
            yield from reader(answer)

    return words


def _walk(found: Any, path: tuple[str, ...]) -> Iterator[str]:
    if isinstance(found, list):
        for each in found:
            yield from _walk(each, path)
    elif not path:
        if isinstance(found, (str, int)):  # yes and no as JSON writes them
            yield str(found).lower() if isinstance(found, bool) else str(found)
    elif isinstance(found, Mapping):
        values = found.values() if path[0] == "*" else [found.get(path[0])]
        for value in values:
            yield from _walk(value, path[1:])


def _of_response(response: Any) -> Answer:
    """Read an answer of the requests library; Amazon's own library gives a mapping that was read before."""
    if response is None:
        return Answer()
    if isinstance(response, Mapping):
        about = response.get("ResponseMetadata", {})
        return Answer(about.get("HTTPStatusCode"), response, _lowered(about.get("HTTPHeaders", {})))
    try:
        body = response.json()
    except (ValueError, RecursionError):
        body = None
    return Answer(response.status_code, body, _lowered(response.headers))


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
