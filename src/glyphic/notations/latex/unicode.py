r"""One table: a token of the formula notation -> the Unicode character that stands for it (`\leq` -> ≤).

Letters in a font are the mathematical alphanumerics of Unicode; upright ones (`\mathrm{x}`) are plain letters. Chancery
and script capitals share their code points and are told apart by variation selectors (Unicode 14).
"""

import string

from glyphic.notations.latex import symbols

_CHANCERY, _SCRIPT = "\ufe00", "\ufe01"

_GREEK = "αβγδϵεζηθϑικϰλμνξπϖρϱσςτυϕφχψωϝΓΔΘΛΞΠΣΥΦΨΩ"
_LARGE = "∑∏∐∫∮⋂⋃⨆⋁⋀⨁⨂⨀⨄"
_RELATIONS = (
    "≤≥≠≡∼≃≈≊≅∝≪≫⋘⋙≺≻⪯⪰≼≽⊂⊃⊆⊇⊊⊋⊏⊐⊑⊒∈∉∋⊢⊣⊧⊩⊨⟂≍≐≜"
    "⩽⩾≲≳≶≷≦≧⪇⪈≰≱⊈∼≈∽≂⋐⋑≬⋔⋈⌣⌢⊴⊵∤∦≁≇∣"
)
_ARROWS = "←→↔⇐⇒⇔⟵⟶⟷⟸⟹⟺↦⟼↪↩↑↓↕⇑⇓⇕↗↘↙↖⇀⇁↼↽⇌⇝⇉⇇⇄⇆↠↞↣↢⇢↺↻↷↛⇏⇎↾"
_BINARY = "±∓×÷⋅∘•⋆∩∪⊎⊓⊔∨∧∖≀⋄△▽◃▹⊕⊖⊗⊘⊙◯†‡⨿⋉⋊⊠⊞⊛⊻⊼∔"
_ORDINARY = "∂∇∞∀∃∄¬∅∅′ℏℓ℘ℜℑℵℶıȷ∠∡△□■◇◊♣♢♡♠♭♮♯⊤√§¶ð℧𝕜ℏ∁∵∴✓★▸…⋯⋮⋱%&#$_"
_DELIMITERS = "{}‖⟨⟩⌊⌋⌈⌉⌜⌝⌞⌟"

_ALPHABETS = {  # font -> code points of its A, a and 0
    "mathbf": (0x1D400, 0x1D41A, 0x1D7CE), "mathcal": (0x1D49C, 0x1D4B6, 0), "mathscr": (0x1D49C, 0x1D4B6, 0),
    "mathbb": (0x1D538, 0x1D552, 0x1D7D8), "mathfrak": (0x1D504, 0x1D51E, 0), "mathsf": (0x1D5A0, 0x1D5BA, 0x1D7E2),
    "mathtt": (0x1D670, 0x1D68A, 0x1D7F6), "boldsymbol": (0x1D468, 0x1D482, 0), "italic": (0x1D434, 0x1D44E, 0),
}
_ELSEWHERE = {  # letters that Unicode had before it had the alphabets
    **{("mathcal", c): x for c, x in zip("BEFHILMR", "ℬℰℱℋℐℒℳℛ", strict=True)},
    **{("mathscr", c): x for c, x in zip("BEFHILMR", "ℬℰℱℋℐℒℳℛ", strict=True)},
    **{("mathbb", c): x for c, x in zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True)},
    **{("mathfrak", c): x for c, x in zip("CHIRZ", "ℭℌℑℜℨ", strict=True)},
    ("italic", "h"): "ℎ",
}
_BOLD_GREEK = dict(zip("∂ϵϑϰϕϱϖ∇ϝ", "𝝏𝝐𝝑𝝒𝝓𝝔𝝕𝛁𝟋", strict=True))


def styled(font: str, character: str) -> str:
    """A letter, digit or Greek letter (as its Unicode character) in a font of `symbols.FONTS`, or in "italic"."""
    if font == "mathrm":
        return character
    if (font, character) in _ELSEWHERE:
        letter = _ELSEWHERE[font, character]
    elif character in string.ascii_uppercase:
        letter = chr(_ALPHABETS[font][0] + ord(character) - ord("A"))
    elif character in string.ascii_lowercase:
        letter = chr(_ALPHABETS[font][1] + ord(character) - ord("a"))
    elif character in string.digits:
        letter = chr(_ALPHABETS[font][2] + ord(character) - ord("0"))
    elif character in _BOLD_GREEK:
        letter = _BOLD_GREEK[character]
    elif "α" <= character <= "ω":
        letter = chr(0x1D736 + ord(character) - ord("α"))
    elif "Α" <= character <= "Ω":
        letter = chr(0x1D6A8 + ord(character) - ord("Α"))
    else:
        letter = character  # \ell has no bold form
    return letter + {"mathcal": _CHANCERY, "mathscr": _SCRIPT}.get(font, "")


def _table() -> dict[str, str]:
    table = {character: character for character in symbols.CHARACTERS} | {"-": "−", "*": "∗"}
    for tokens, characters in (
            (symbols.GREEK, _GREEK), (symbols.LARGE, _LARGE), (symbols.RELATIONS, _RELATIONS),
            (symbols.ARROWS, _ARROWS), (symbols.BINARY, _BINARY), (symbols.ORDINARY, _ORDINARY),
            (symbols.DELIMITERS, _DELIMITERS)):
        table.update(zip(tokens, characters, strict=True))
    table |= {name: name[1:] for name in symbols.OPERATORS}
    table |= {r"\liminf": "lim\u00a0inf", r"\limsup": "lim\u00a0sup"}
    for font, members in symbols.FONTS.items():
        table |= {f"\\{font}{{{c}}}": styled(font, table[c]) for c in members}
    return table


CHARACTERS = _table()
