r"""The text of an atom, as drawn -> tokens and runs: `CO2Me`, `NH3^+`, `^{13}C`, `R^1`, each in one spelling.

A text is written along the baseline. What is raised stands behind `^`: one character (`N^+`) or several in braces
(`SO4^{2-}`). What is lowered is not marked: `NH2` is one text whether its 2 hangs or, as in many patents, does not, and
`runs` says what to lower when it is drawn. A line break (`N\nH`) stands where a label is stacked. The empty text is a
bare corner of a chain. `*` is a point of attachment; `·` raised is an unpaired electron.
"""

import re
import string
import unicodedata
from functools import cache

from glyphic.core.errors import NotationError

SIGNS = "()[]-=#.,:;/'\"*%<>|~!?@·°"
GREEK = "αβγδελμνπσφψω"
MARKS = "↑↓℃△"
HAN = "".join(dict.fromkeys(  # conditions of reactions, as Chinese schoolbooks write them
    "浓稀硫酸硝盐醋磷碳氢氧氮氯溴碘氟钠钾钙镁铝锌铁铜银汞铅锰镍钯铂钨硅硼碱水溶液气光照加热点燃高温高压低常"
    "催化剂条件反应一定二三四六甲乙丙丁戊己庚辛苯酚醇醛酮醚酯胺酐腈烷烯炔吡啶呋喃噻吩萘蒽环氨基羟羧磺酰肼脲"
    "糖油脂皂蛋白酶发酵微量过少足适大小新制备分离蒸馏干燥回流搅拌冰浴室电解还原取代消去成聚合皂裂脱缩重排"
    "无色黄红蓝绿沉淀或和与的中性上下不个产物质体固强弱射线紫外催石灰灼烧通入吸收过滤洗涤悬浊混有机同先后再"
    "、（）【】①②③④⑤⑥⑦⑧⑨⑩"))
PLAIN = string.ascii_uppercase + string.ascii_lowercase + string.digits + SIGNS + GREEK + MARKS + HAN
RAISED = string.digits + "+-·*'\"" + string.ascii_lowercase + string.ascii_uppercase
PAIRS = ("Cl", "Br", "Si", "Na", "Me", "Et", "Pr", "Bu", "Ph", "Ac", "Bn", "Bz", "Ts", "Ms", "Tf", "Boc", "Cbz")
BREAK = "over"  # the token of a line break

TOKENS = (*PLAIN, *("^" + c for c in RAISED), *PAIRS, BREAK)

_CHARACTER = f"[{re.escape(PLAIN)}]"
_SUPERSCRIPT = rf"\^[{re.escape(RAISED)}]|\^\{{[{re.escape(RAISED)}]{{2,}}\}}(?!\^)"
_TEXT = re.compile(rf"(?:(?:{_CHARACTER}|{_SUPERSCRIPT})(?:\n?(?:{_CHARACTER}|{_SUPERSCRIPT}))*)?")
_PIECE = re.compile(rf"\^\{{[^}}]*\}}|\^.|\n|{'|'.join(sorted(PAIRS, key=len, reverse=True))}|.", re.DOTALL)
_ADJACENT = re.compile(r"\^(?:\{([^{}]*)\}|(.))\^(?:\{([^{}]*)\}|(.))")
_LOWERED = re.compile(r"(?<=[A-Za-z)\]])\d+|(?<=[)\]])[nmxyz](?![a-z])")
_TYPOGRAPHIC = {**dict.fromkeys("‐‑‒–—―−﹣", "-"), **dict.fromkeys("’′ʹ`´", "'"), "″": '"', "•": "·", "∙": "·",
                "⋅": "·", "∗": "*", "˙": "·", "∆": "△", "Δ": "△", "µ": "μ", "ϕ": "φ", "＋": "+"}


@cache
def is_canonical(text: str) -> bool:
    """Whether a text is spelled as `canonical` spells it, in characters that have a token."""
    return bool(_TEXT.fullmatch(text)) and not _ADJACENT.search(text)


@cache
def canonical(text: str) -> str:
    """A text as people write it (NH₂, N⁺, −, ^{+}, R^{1}^{2}, CO_2) -> its one spelling.

    Errors: NotationError, with its position, at the first character that no token holds.
    """
    written: list[str] = []  # one piece a character: "x", "^x" or a line break
    brace = raised = False
    for position, character in enumerate(text):
        if character == "^" and not raised:
            raised = True
        elif character == "{" and raised and not brace:
            brace = True
        elif character == "}" and brace:
            brace = raised = False
        elif character not in " _":
            pieces = _pieces(character, raised)
            for piece in pieces:
                if piece != "\n" and piece[-1] not in (RAISED if len(piece) > 1 else PLAIN):
                    raise NotationError(f"no token holds {piece!r} in the text of an atom", text, position)
            written += pieces
            raised = raised and brace
    result = "".join(written).strip("\n")
    result = re.sub(r"(?:\^[^\n]){2,}", lambda run: "^{" + run[0].replace("^", "") + "}", result)
    return re.sub(r"\n+", "\n", result)


def _pieces(character: str, raised: bool) -> list[str]:
    character = _TYPOGRAPHIC.get(character, character)
    if character in "⊕⊖":
        return ["^+" if character == "⊕" else "^-"]
    decomposition = unicodedata.decomposition(character)
    raised = raised or (decomposition.startswith("<super>") and character != "°")
    if character not in PLAIN and decomposition.startswith(("<super>", "<sub>")):
        character = "".join(chr(int(code, 16)) for code in decomposition.split()[1:])
        character = "".join(_TYPOGRAPHIC.get(c, c) for c in character)
    if character == "+":
        raised = True  # a sum is no part of an atom: the sign is a charge, whatever its height
    return ["^" + c if raised else c for c in character]


def to_tokens(text: str) -> list[str]:
    """A canonical text -> its tokens: two-letter elements and the commonest abbreviations are one token each."""
    result: list[str] = []
    for piece in _PIECE.findall(text):
        if piece[0] == "^":
            result += ["^" + c for c in piece[1:].strip("{}")]
        else:
            result.append(BREAK if piece == "\n" else piece)
    return result


def from_tokens(tokens: list[str]) -> str:
    """Any text tokens -> the canonical text that they spell."""
    return canonical("".join("\n" if token == BREAK else token for token in tokens))


def runs(text: str) -> list[tuple[str, int]]:
    """A canonical text -> its runs from left to right: (characters, -1 lowered, 0, 1 raised); a line break is a run."""
    result: list[tuple[str, int]] = []
    for part in re.findall(r"\^\{[^}]*\}|\^.|\n|[^\^\n]+", text):
        if part[0] == "^":
            result.append((part[1:].strip("{}"), 1))
            continue
        start = 0
        for lowered in _LOWERED.finditer(part):
            result += [(part[start:lowered.start()], 0), (lowered[0], -1)]
            start = lowered.end()
        result.append((part[start:], 0))
    return [(characters, level) for characters, level in result if characters]
