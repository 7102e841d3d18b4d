"""Parts of the expressions that look for TeX in running text.

Pieces that are settled already (maths, links, escaped signs) stand in the text as single characters of PIECES.
"""

PIECES = "\ue000-\uf8ff"  # Unicode's private use area, as the inside of a character class
LETTER = r"[^\W\d_]"
INNER = r"((?:[^{}]|\{[^{}]*\})*)"
IN_BRACES = rf"\s*\{{{INNER}\}}"
OPTION = r"(?:\[([^\[\]{}]*)\])?"
# What stands before it is not a path, an address or an escaped backslash.
FREE = r"(?<![A-Za-z\\:/.])"
