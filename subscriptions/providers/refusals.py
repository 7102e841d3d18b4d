"""Readers of the words in which single providers tell one refusal from another, where a path does not say it."""

import re
from collections.abc import Iterator, Mapping

from subscriptions.providers.answers import Answer, all_of, at


def postmarks(answer: Answer) -> list[str]:
    """Return the number of an error; 300 is about anything in the request, and its text names the field."""
    codes = list(at("ErrorCode")(answer))
    texts = " ".join(at("Message")(answer))
    return [f"{code} {name}" for code in codes for name in ("'To'", "'From'") if name in texts] + codes


def mailjets(answer: Answer) -> Iterator[str]:
    """Yield each error's code with the field it is about, such as "mj-0013 To", then alone; at last the status."""
    for error in _mappings(answer.body, "Messages", "Errors"):
        fields = [re.split(r"[\[.]", str(field))[0] for field in _list(error.get("ErrorRelatedTo"))]
        yield from (f"{error.get('ErrorCode')} {field}" for field in fields)
        yield str(error.get("ErrorCode"))
    yield from all_of(at("ErrorCode"), at("Messages", "Status"))(answer)


def mailersends(answer: Answer) -> Iterator[str]:
    """Yield the number that ends a text about the request, such as MS42207, and the fields that are wrong."""
    errors = answer.body.get("errors") if isinstance(answer.body, Mapping) else None
    for text in at("errors", "*")(answer):
        yield from re.findall(r"#(MS[0-9]{5})\b", text)
    yield from map(str, errors if isinstance(errors, Mapping) else ())


def _mappings(found: object, *path: str) -> Iterator[Mapping[str, object]]:
    """Yield the objects at a path of lists of objects."""
    for each in _list(found):
        if isinstance(each, Mapping):
            if path:
                yield from _mappings(each.get(path[0]), *path[1:])
            else:
                yield each


def _list(found: object) -> list[object]:
    return found if isinstance(found, list) else [found]
