"""Numbers and units as siunitx has them: \\SI{5}{\\kilo\\metre} is 5 km."""

import re
from collections.abc import Callable

from papers.text.tex import symbols
from papers.text.tex.tokens import Tokens, argument, option, source_argument

PREFIXES = {
    "yocto": "y", "zepto": "z", "atto": "a", "femto": "f", "pico": "p", "nano": "n", "micro": "μ", "milli": "m",
    "centi": "c", "deci": "d", "deca": "da", "hecto": "h", "kilo": "k", "mega": "M", "giga": "G", "tera": "T",
    "peta": "P", "exa": "E", "zetta": "Z", "yotta": "Y",
}  # fmt: skip
UNITS = {
    "ampere": "A", "angstrom": "Å", "arcminute": "′", "arcsecond": "″", "astronomicalunit": "au", "atomicmassunit": "u",
    "bar": "bar", "barn": "b", "bit": "bit", "byte": "B", "candela": "cd", "coulomb": "C", "dalton": "Da", "day": "d",
    "decibel": "dB", "degree": "°", "degreeCelsius": "°C", "celsius": "°C", "electronvolt": "eV", "farad": "F",
    "gram": "g", "gray": "Gy", "hectare": "ha", "henry": "H", "hertz": "Hz", "hour": "h", "joule": "J", "kelvin": "K",
    "kilogram": "kg", "km": "km", "litre": "L", "liter": "L", "lumen": "lm", "lux": "lx", "meter": "m", "metre": "m",
    "minute": "min", "mole": "mol", "newton": "N", "ohm": "Ω", "parsec": "pc", "pascal": "Pa", "percent": "%",
    "radian": "rad", "second": "s", "siemens": "S", "sievert": "Sv", "steradian": "sr", "tesla": "T", "tonne": "t",
    "volt": "V", "watt": "W", "weber": "Wb", "year": "yr",
}  # fmt: skip
# Abbreviations that siunitx has for common ones.
UNITS |= {
    "um": "μm", "nm": "nm", "mm": "mm", "cm": "cm", "eV": "eV", "keV": "keV", "MeV": "MeV", "GeV": "GeV", "TeV": "TeV",
    "Hz": "Hz", "kHz": "kHz", "MHz": "MHz", "GHz": "GHz", "THz": "THz", "ms": "ms", "us": "μs", "ns": "ns", "ps": "ps",
    "fs": "fs", "K": "K", "V": "V", "W": "W", "kg": "kg", "dB": "dB",
}  # fmt: skip
BEFORE = {"square": "²", "cubic": "³"}
AFTER = {"squared": "²", "cubed": "³"}
PART = re.compile(r"\\([A-Za-z]+)(?:\{([^{}]*)\})?")
EXPONENT = re.compile(r"(?<=[\d.])\s*[eEdD]\s*([+-]?\d+)")
RAISED = re.compile(r"\^\{?(-?\d+)\}?")
NO_BLANK = ("°", "′", "″", "%")
GLUE, TURNED = "\x12", "\x13"  # a prefix and its unit; a power that stands before its unit


def number(source: str) -> str:
    """Write 1e-5 as 1 × 10⁻⁵, and what is no number as it is."""
    text = source.replace("+-", "±").replace(r"\pm", "±").strip()
    return EXPONENT.sub(lambda found: f" × 10{symbols.superscript(found[1].lstrip('+'))}", text)


def unit(source: str) -> str:
    """Write \\kilo\\metre\\per\\second as km/s, \\metre\\squared as m², km as it is, and unknown names as words."""
    text = RAISED.sub(lambda found: symbols.superscript(found[1]), source.replace("~", " "))
    text = re.sub(r"(?<=[a-zA-Z])\.(?=[a-zA-Z])", " ", PART.sub(_part, text))
    text = re.sub(rf"([²³]){TURNED}\s*([^\s/{GLUE}]+(?:{GLUE} \S+)?)", r" \2\1", text)
    written = " ".join(text.replace(f"{GLUE} ", "").replace(GLUE, "").split())
    return written.replace(" /", "/").replace("/ ", "/")


def _part(found: re.Match[str]) -> str:
    """Return a prefix, unit or power with what tells how it is joined to its neighbours."""
    name, given = found[1], found[2] or ""
    if name in BEFORE:
        return f" {BEFORE[name]}{TURNED}"
    if name in AFTER or name in {"tothe", "raiseto"}:
        return AFTER.get(name) or symbols.superscript(given)
    if name in PREFIXES:
        return f" {PREFIXES[name]}{GLUE}"
    return " /" if name == "per" else f" {UNITS.get(name) or symbols.symbol(name) or name}"


def quantity(value: str, of: str) -> str:
    written = unit(of)
    return f"{number(value)}{'' if written.startswith(NO_BLANK) else ' '}{written}".strip()


def span(first: str, last: str, of: str = "") -> str:
    """Write a range: 1–2 km."""
    return quantity(f"{number(first)}–{number(last)}", of)


def angle(source: str) -> str:
    """Write 10;20;30 as degrees, minutes and seconds."""
    return "".join(f"{part.strip()}{sign}" for part, sign in zip(source.split(";"), "°′″", strict=False) if part)


def _number(tokens: Tokens) -> str:
    option(tokens)
    return number(source_argument(tokens))


def _unit(tokens: Tokens) -> str:
    option(tokens)
    return unit(source_argument(tokens))


def _quantity(tokens: Tokens) -> str:
    """Read a number and its unit; physics' command of the same name puts brackets around what follows."""
    option(tokens)
    if tokens.following() == "(":
        return ""
    start = tokens.position
    first = source_argument(tokens)
    if tokens.peek() == "{":
        return quantity(first, source_argument(tokens))
    tokens.position = start
    return f"({argument(tokens)})"


def _range(tokens: Tokens) -> str:
    option(tokens)
    return span(source_argument(tokens), source_argument(tokens), source_argument(tokens))


def _number_range(tokens: Tokens) -> str:
    option(tokens)
    return span(source_argument(tokens), source_argument(tokens))


def _angle(tokens: Tokens) -> str:
    """Read degrees, minutes and seconds; without braces the unit of that name."""
    option(tokens)
    return angle(source_argument(tokens)) if tokens.peek() == "{" else "Å"


RULES: dict[str, Callable[[Tokens], str]] = {
    "ang": _angle,
    "num": _number,
    "numrange": _number_range,
    "qty": _quantity,
    "qtyrange": _range,
    "SI": _quantity,
    "SIrange": _range,
    "si": _unit,
    "unit": _unit,
}
