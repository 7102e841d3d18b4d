"""Marks that turn the direction of reading: what stands around a text must not turn with it."""

import re

OPENERS = {"\u202a": "\u202c", "\u202b": "\u202c", "\u202d": "\u202c", "\u202e": "\u202c"}
OPENERS |= dict.fromkeys("\u2066\u2067\u2068", "\u2069")
LEFTWARDS = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def straight(text: str) -> str:
    """Remove the marks: for titles of windows, attributes and headers, which cannot be isolated."""
    return TURNS.sub("", text)


def steady(text: str) -> str:
    """Return the text as it is if each mark in it ends within it, in order; else without the marks."""
    return text if _all_end(text) else straight(text)


def apart(text: str) -> str:
    """Prepare a text for the inside of a sentence of ours: isolate it by marks if it may run from right to left."""
    text = steady(text)
    return f"\u2068{text}\u2069" if LEFTWARDS.search(text) or TURNS.search(text) else text


def _all_end(text: str) -> bool:
    awaited = []
    for mark in TURNS.findall(text):
        if mark in OPENERS:
            awaited.append(OPENERS[mark])
        elif not awaited or awaited.pop() != mark:
            return False
    return not awaited
