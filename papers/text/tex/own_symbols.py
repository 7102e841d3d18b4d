"""Commands that pylatexenc's table lacks, or has in a form that reads worse in a mail."""


def pairs(table: str) -> dict[str, str]:
    """Return {'ne': '≠'} for 'ne ≠'."""
    parts = table.split()
    return dict(zip(parts[::2], parts[1::2], strict=True))


# Letters, signs and dots.
LETTERS_AND_SIGNS = pairs(
    """
    And & Bbbk k Box □ C ℂ Diamond ◇ Earth ⊕ Finv Ⅎ Game ⅁ Im Im Jupiter ♃ LaTeX LaTeX Lbag ⟅ N ℕ P ¶ Perp ⫫
    Pr Pr Q ℚ R ℝ Rbag ⟆ Re Re S § Sha Ш Square □ Sun ⊙ TeX TeX Z ℤ aleph ℵ astrosun ⊙ backprime ‵ backslash \\
    bigsqcap ⨅ bigsqcup ⨆ bigstar ★ blacklozenge ⧫ blacksquare ■ bmod mod bot ⊥ cdots ⋯ checkmark ✓ colon :
    coloneqq ≔ copyright © dag † dashint ⨍ ddag ‡ ddagger ‡ deg ° degr ° degree ° diamond ⋄ dotsb … dotsc …
    dotsi ⋯ dotsm ⋯ dprime ″ earth ⊕ emptyset ∅ epsilon ε eth ð euro € female ♀ fint ⨍ gets ← hbar ħ hdots …
    hslash ℏ iddots ⋰ iff ⇔ imath ı implies ⇒ indep ⫫ jmath ȷ jupiter ♃ lBrack ⟦ lbrace { lbrack [ lightning ↯
    llbracket ⟦ lllbracket ⟦ llparenthesis ⦇ lnot ¬ lozenge ◊ lq ‘ lvert | male ♂ mars ♂ mercury ☿ mho ℧ ne ≠
    neg ¬ ohm Ω oiint ∯ ointop ∮ permil ‰ phi φ pounds £ prime ′ qed ∎ qedsymbol ∎ quotedblbase „ rBrack ⟧
    rbrace } rbrack ] restrict ↾ restriction ↾ rq ’ rrbracket ⟧ rrparenthesis ⦈ rvert | saturn ♄ sim ~ slash /
    square □ ss ß sun ⊙ textasciicircum ^ textasciitilde ~ textbackslash \\ textbar | textdegree ° textgreater >
    textless < textpermil ‰ textprime ′ textquotedblleft “ textsection § textunderscore _ textvisiblespace ␣
    thicksim ~ triangleq ≜ upmodels ⊨ upsilon υ varepsilon ε varnothing ∅ varointclockwise ∲ varphi φ venus ♀
    vert | wr ≀ yen ¥
    """
)

# Between two things.
SIGNS_OF_RELATION = pairs(
    """
    Join ⋈ Longmapsto ⟾ Vvert ⦀ coloneq ≔ colonequals ≔ dasharrow ⇢ dashleftarrow ⇠ dashrightarrow ⇢ defeq ≔
    divides ∣ eqdef ≝ eqqcolon ≕ gapprox ⪆ ggg ⋙ given | gsim ≳ gtrsim ≳ gtsim ≳ iso ≅ isom ≅ lapprox ⪅
    leadsto ⇝ lesssim ≲ lhd ⊲ lll ⋘ longhookrightarrow ↪ longtwoheadrightarrow ↠ lsim ≲ ltsim ≲ lvert | models ⊨
    ncong ≇ nshortmid ∤ nsim ≁ owns ∋ perp ⊥ propsim ∝ relbar - rhd ⊳ rightiso ≅ rightsquigarrow ⇝ shortmid ∣
    shortparallel ∥ simgt ≳ simlt ≲ suchthat | unlhd ⊴ unrhd ⊵ vDash ⊨ varpropto ∝ xto →
    """
)

# Said in words or letters.
WORDS = pairs(
    """
    AmS AMS BibTeX BibTeX LaTeXe LaTeX2e XeTeX XeTeX dd d dif d diff d varliminf liminf varlimsup limsup
    """
) | {
    "injlim": "inj lim",
    "projlim": "proj lim",
    "varinjlim": "inj lim",
    "varprojlim": "proj lim",
}

# Of the classes of astronomers' journals, and what nearly all of them define alike.
ASTRONOMERS = pairs(
    """
    db dB dB dB pct %
    Ang Å Angstrom Å Ha Hα Halpha Hα Hbeta Hβ LCDM ΛCDM Lsol L⊙ Lsun L⊙ Lya Lyα Lyalpha Lyα Mearth M⊕ Mjup M_Jup
    Msol M⊙ Msun M⊙ Rearth R⊕ Rjup R_Jup Rsun R⊙ Zsun Z⊙ amin ′ ang Å angstrom Å arcdeg ° arcmin ′ arcsec ″
    asec ″ ergcms erg/cm²/s ergs erg/s halpha Hα hbeta Hβ kmps km/s kms km/s
    kmsmpc km/s/Mpc lambdacdm ΛCDM lcdm ΛCDM lsol L⊙ lsun L⊙ lya Lyα lyalpha Lyα mearth M⊕ micron μm microns μm
    mjup M_Jup msol M⊙ msun M⊙ msunyr M⊙/yr mum μm rearth R⊕ rjup R_Jup rsol R⊙ rsun R⊙ solmass M⊙ um μm zsun Z⊙
    """
) | {
    "CII": "C II",
    "CIV": "C IV",
    "HI": "H I",
    "HII": "H II",
    "MgII": "Mg II",
    "NII": "N II",
    "OI": "O I",
    "OII": "O II",
    "OIII": "O III",
    "SiIV": "Si IV",
    "cii": "C II",
    "civ": "C IV",
    "hii": "H II",
    "mgii": "Mg II",
    "nii": "N II",
    "oii": "O II",
    "oiii": "O III",
}
OURS = LETTERS_AND_SIGNS | SIGNS_OF_RELATION | WORDS | ASTRONOMERS
