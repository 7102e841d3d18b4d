"""Titles: long ones, words that nothing breaks, TeX, maths, and what looks like HTML or like a template."""

from tests.mail_gallery.extremes.extreme import ENDLESS, Extreme, with_title

TITLES: dict[str, Extreme] = {
    name: with_title(why, title)
    for name, why, title in (
        (
            "title-of-a-page",
            "It is as long as an abstract, and must be cut.",
            "On everything there is to say, and more " * 25,
        ),
        ("title-of-ten-kilobytes", "No source should serve one like it, and one may.", "word " * 2000),
        ("title-of-one-letter", "There is hardly anything to tap on.", "Q"),
        ("title-of-a-number", "It reads as if it were the number of the pick.", "42"),
        ("one-word-of-400-letters", "Nothing in it lets a line end.", "w" * 400),
        ("one-word-of-80-letters", "It is longer than a phone is wide, and is a real word.", ENDLESS),
        (
            "a-word-after-words",
            "The word without an end stands on the second line.",
            f"A study of {ENDLESS * 3} in the field",
        ),
        ("capitals", "Wide letters only, and no space.", "W" * 120),
        ("underscores", "Names of files and functions break nowhere.", "very_long_function_name_of_a_library_" * 8),
        ("dots", "A chain of dots is one word to some browsers.", "." * 300),
        ("hyphens", "A line may end at each hyphen, or at none.", "state-of-the-art-" * 20),
        ("slashes", "A path of a file.", "/usr/share/locale/a/very/long/path/" * 7),
        ("hash", "A sum of a file.", "0123456789abcdef" * 16),
        (
            "url",
            "An address of a page in the title, longer than a line.",
            f"Data at https://example.org/{'a' * 180}?q=1&b=2",
        ),
        (
            "url-of-parts",
            "An address with many places at which it could break.",
            "https://example.org/" + "part/" * 40 + "#end",
        ),
        (
            "mail-address",
            "Mail programs make links of it.",
            f"Write to {'someone.' * 9}@{'department.' * 9}example.org",
        ),
        (
            "telephone",
            "Phones make links of numbers that look like this.",
            "Call 0123-456-7890 or +44 20 7946 0018 on 1 May 2026",
        ),
        (
            "date-and-place",
            "Mail programs offer to put it into a calendar.",
            "Tomorrow at 5pm, 10 Downing Street, London SW1A 2AA",
        ),
        ("script", "It wants to be a script.", "<script>alert(1)</script> considered harmful"),
        ("image", "It wants to be a picture that loads.", '<img src=x onerror=alert(1)> and <svg onload="alert(1)">'),
        ("style", "It wants to be a rule for the whole mail.", "</style><style>*{display:none}</style>"),
        ("table", "It wants to end the table of the mail.", "</td></tr></table><!-- --> <![CDATA[ ]]>"),
        ("conditional", "Outlook reads such comments.", "<!--[if mso]><p>only here</p><![endif]--> studied"),
        (
            "generics",
            "Types of a programming language look like tags.",
            "Vec<Box<dyn Fn(&T) -> Result<K, V>>> & a < b > c",
        ),
        ("entities", "Each must come out as it was written.", "&lt;b&gt; &amp;amp; &nbsp; &#128512; &copy; R&D"),
        ("template", "Template engines would fill it.", "{{ 7|add:7 }} {% now 'Y' %} ${7*7} #{7} %s {0} %(name)s"),
        ("quotes", "Four kinds of quotation marks.", "\"double\" 'single' “curly” „low“ «angled» ‹one› `tick`"),
        ("wire", "It looks like the wire's own encoding.", "=?utf-8?q?pretended?= \\0 =3D =0D=0A =\r\n.\r\nQUIT"),
        (
            "white-space",
            "Tabs, line ends and spaces of other kinds.",
            "line\nbreak\r\nand\ttab\x85next\xa0space\u2028sep\u3000wide\u2003em",
        ),
        ("control", "Control characters that no program shows.", "bell\x07 feed\x0c escape\x1b[31m delete\x7f end"),
        ("list-marker", "In a text part it looks like a pick of its own.", "3. Another paper\n4. And another"),
        ("rule", "In a text part it looks like a line between parts.", "-- \n" + "=" * 90),
        ("quoted-reply", "Mail programs fold it away as a quotation.", "> On Monday somebody wrote:\n> > nothing"),
        ("tex-left-over", "TeX that is not closed.", r"A bound of $\mathcal{O}(n^{2 for \textbf{all} \emph{graphs"),
        (
            "tex-nested",
            "Deep braces and fractions.",
            r"$\frac{\frac{\frac{a}{b}}{\frac{c}{d}}}{\sqrt[3]{\sum_{i=0}^{n} x_i^{2^{k}}}}$",
        ),
        (
            "tex-unknown",
            "Commands that nobody knows.",
            r"On $\mywidehat{\foo}$-\baz{stable} \xspace{}maps of $\operatorname{Foo}$-type",
        ),
        (
            "tex-accents",
            "Names written with TeX's accents.",
            r"The Erd\H{o}s--R\'enyi and Poincar\'{e}--\v{C}ech--\L{}ojasiewicz problem",
        ),
        (
            "tex-long",
            "A formula that is one word of 300 letters.",
            "$" + "+".join(f"x_{{{n}}}y^{{{n}}}" for n in range(40)) + "$",
        ),
        (
            "tex-dollars",
            "Prices that look like formulas.",
            "From $5 to $10: what $$$ buys, and 100% of #1 & more_or_less ~ ^",
        ),
        ("maths", "Mathematics in Unicode.", "∀ε>0 ∃δ: ‖∇u‖ₗ₂ ≤ ∑ₖ₌₀^∞ ∫∂Ω ⟨φ,ψ⟩ ⊗ ℝⁿ→ℂ ⟺ ∏ⁿᵢ₌₁ ℵ₀ ∈ 𝔓(𝒳)"),
        (
            "maths-letters",
            "Letters of mathematical alphabets, which few fonts have.",
            "𝔄𝔅ℭ𝔇 𝓐𝓑𝓒𝓓 𝕬𝕭𝕮 𝐛𝐨𝐥𝐝 𝑖𝑡𝑎𝑙𝑖𝑐 𝚖𝚘𝚗𝚘 𝟙𝟚𝟛",
        ),
        ("arrows", "An endless chain of arrows.", "A→B" * 60),
        ("braille-and-boxes", "Blocks, boxes and braille, which sparklines use, too.", "▁▂▃▄▅▆▇█ ⠿⠿⠿ ┏━━┓ ░▒▓ " * 6),
    )
}
