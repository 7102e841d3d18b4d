"""No regular expression of ours takes long on any text: each is run on texts that grow, chosen to be hard for it."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.config.hostile.growth import UNITS, worst

APPS = ("config", "papers", "recommender", "subscriptions")
# Run by developers on recorded data, never on what a stranger sends.
NOT_SERVED = re.compile(r"\.(evaluation|benchmarks|migrations)\b|^config\.(gunicorn|wsgi)$")
WAYS = {"search", "match", "fullmatch", "findall", "finditer", "sub", "subn", "split"}


@dataclass(frozen=True)
class Use:
    """An expression as a module runs it."""

    place: str
    pattern: re.Pattern[Any]
    way: str


@cache
def modules() -> list[ModuleType]:
    return [importlib.import_module(name) for name in names() if not NOT_SERVED.search(name)]


def names() -> Iterator[str]:
    for app in APPS:
        package = importlib.import_module(app)
        yield from (found.name for found in pkgutil.walk_packages(package.__path__, f"{app}."))


def patterns_in(value: Any, depth: int = 3) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, (list, tuple, set, frozenset, dict)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from patterns_in(one, depth - 1)


@cache
def calls(module: ModuleType) -> list[tuple[ast.Call, ast.Attribute]]:
    tree = ast.parse(Path(str(module.__file__)).read_text())
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [(node, node.func) for node in found if isinstance(node.func, ast.Attribute)]


def ways_by_name(module: ModuleType) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for _, function in calls(module):
        if function.attr in WAYS:
            name = (
                function.value.attr if isinstance(function.value, ast.Attribute) else getattr(function.value, "id", "")
            )
            found.setdefault(name, set()).add(function.attr)
    return found


def named_uses() -> Iterator[Use]:
    ways: dict[str, set[str]] = {}
    for module in modules():
        for name, used in ways_by_name(module).items():
            ways.setdefault(name, set()).update(used)
    for module in modules():
        for name, value in vars(module).items():
            for pattern in patterns_in(value):
                for way in ways.get(name) or {"sub"}:
                    yield Use(f"{module.__name__}.{name}", pattern, way)


def written_in_place() -> Iterator[tuple[str, Use | None]]:
    """Expressions inside functions; None for one that is put together from what only the function knows."""
    for module in modules():
        for call, function in calls(module):
            if getattr(function.value, "id", "") == "re" and function.attr in WAYS:
                place = f"{module.__name__}:{call.lineno}"
                try:
                    code = compile(ast.Expression(call.args[0]), place, "eval")
                    yield place, Use(place, re.compile(eval(code, vars(module))), function.attr)
                except NameError:
                    yield place, None


def literals(parsed: Any) -> Iterator[str]:
    """The characters that an expression names, in its order."""
    for operation, argument in parsed:
        if str(operation) in {"LITERAL", "NOT_LITERAL"}:
            yield chr(argument)
        elif str(operation) == "RANGE":
            yield chr(argument[0])
        elif isinstance(argument, (list, tuple)):
            for part in argument:
                yield from literals(part if hasattr(part, "data") else _operations(part))


def _operations(part: Any) -> Any:
    return part if isinstance(part, list) and part and isinstance(part[0], tuple) else []


def hard_texts(pattern: re.Pattern[Any]) -> Iterator[str]:
    """What is repeated to make a text that the expression might begin to match everywhere and never end."""
    own = list(dict.fromkeys(literals(re._parser.parse(pattern.pattern, pattern.flags))))  # type: ignore[attr-defined]
    yield from filter(None, dict.fromkeys([*UNITS, *own[:60], "".join(own), *(f"{one}a" for one in own[:20])]))


def runner(use: Use) -> Callable[[str], object]:
    run = searcher(use)
    return run if isinstance(use.pattern.pattern, str) else lambda text: run(text.encode())


def searcher(use: Use) -> Callable[[Any], object]:
    pattern: re.Pattern[Any] = use.pattern
    if use.way in {"sub", "subn"}:
        return lambda text: pattern.sub(text[:0], text)
    if use.way == "split":
        return pattern.split
    if use.way in {"findall", "finditer"}:
        return lambda text: sum(1 for _ in pattern.finditer(text))
    return getattr(pattern, use.way)


USES = {f"{use.place} {use.way}": use for use in named_uses()}
USES |= {place: use for place, use in written_in_place() if use}


@cache
def slow_texts(pattern: re.Pattern[Any], way: str) -> dict[str, float]:
    """Several modules may have one expression by its name: it is run once."""
    return worst(runner(Use("", pattern, way)), hard_texts(pattern))


@pytest.mark.parametrize("name", sorted(USES))
def test_an_expression_takes_time_in_proportion_to_the_text(name: str) -> None:
    use = USES[name]
    assert not slow_texts(use.pattern, use.way), use.pattern.pattern


def possessive_groups(parsed: Any) -> Iterator[Any]:
    """What groups repeat that give nothing back, wherever they stand."""
    for operation, argument in _steps(parsed):
        if str(operation) in {"POSSESSIVE_REPEAT", "ATOMIC_GROUP"}:
            yield argument[-1] if isinstance(argument, tuple) else argument
        yield from possessive_groups(argument)


def _steps(parsed: Any) -> Iterator[tuple[Any, Any]]:
    """All operations that stand in what the parser made, at whatever depth of its lists."""
    if isinstance(parsed, tuple) and len(parsed) == 2 and type(parsed[0]).__name__ == "_NamedIntConstant":
        yield parsed
    elif isinstance(parsed, (list, tuple)) or hasattr(parsed, "data"):
        for part in parsed:
            yield from _steps(part)


def is_misread_by_older_python(pattern: re.Pattern[Any]) -> bool:
    """Older builds of Python 3.11 lose their place where such a group begins once more in vain."""
    parsed = re._parser.parse(pattern.pattern, pattern.flags)  # type: ignore[attr-defined]
    inner = [
        operation
        for group in possessive_groups(parsed)
        if len(group) > 1 or _branches(group)
        for operation in _all(group)
    ]
    return any(re.search("REPEAT|ASSERT", operation) for operation in inner)


def _branches(group: Any) -> bool:
    return any(str(operation) in {"BRANCH", "SUBPATTERN"} for operation, _ in group)


def _all(parsed: Any) -> Iterator[str]:
    for operation, argument in _steps(parsed):
        yield str(operation)
        yield from _all(argument)


@pytest.mark.parametrize("name", sorted(USES))
def test_an_expression_is_read_alike_by_every_python_3_11(name: str) -> None:
    assert not is_misread_by_older_python(USES[name].pattern), USES[name].pattern.pattern


@pytest.mark.parametrize(
    ("pattern", "is_misread"), [(r"(?:\s++|a++(?!=))++b", True), (r'"(?:[^"]|\\.)*+"', False), (r"a++", False)]
)
def test_an_expression_that_older_python_misreads_would_be_noticed(pattern: str, is_misread: bool) -> None:
    assert is_misread_by_older_python(re.compile(pattern)) is is_misread


def test_no_expression_is_hidden_from_these_tests() -> None:
    """One that a function puts together from its arguments could not be found by looking at the modules."""
    assert not [place for place, use in written_in_place() if use is None]


def test_a_slow_expression_would_be_noticed() -> None:
    slow = Use("here", re.compile(r"\s+$"), "search")
    assert worst(runner(slow), [" "])
