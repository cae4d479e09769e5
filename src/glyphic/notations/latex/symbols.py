r"""The tables of the formula notation: which commands there are, how they are spelled canonically, what they take.

Every token that the notation can write is valid in KaTeX and in LaTeX with amsmath, amssymb and mathrsfs.
"""

import string

LETTERS = string.ascii_letters
DIGITS = string.digits
CHARACTERS = tuple(LETTERS + DIGITS + "+-*/=<>()[]|.,;:!?@")

GREEK = tuple(
    r"\alpha \beta \gamma \delta \epsilon \varepsilon \zeta \eta \theta \vartheta \iota \kappa \varkappa \lambda \mu"
    r" \nu \xi \pi \varpi \rho \varrho \sigma \varsigma \tau \upsilon \phi \varphi \chi \psi \omega \digamma"
    r" \Gamma \Delta \Theta \Lambda \Xi \Pi \Sigma \Upsilon \Phi \Psi \Omega".split()
)

CAPITAL_GREEK = GREEK[GREEK.index(r"\Gamma"):]

OPERATORS = tuple(
    r"\arccos \arcsin \arctan \arg \cos \cosh \cot \coth \csc \deg \det \dim \exp \gcd \hom \inf \ker \lg \lim \liminf"
    r" \limsup \ln \log \max \min \Pr \sec \sin \sinh \sup \tan \tanh".split()
)

LARGE = tuple(
    r"\sum \prod \coprod \int \oint \bigcap \bigcup \bigsqcup \bigvee \bigwedge \bigoplus \bigotimes \bigodot"
    r" \biguplus".split()
)

RELATIONS = tuple(
    r"\leq \geq \neq \equiv \sim \simeq \approx \approxeq \cong \propto \ll \gg \lll \ggg \prec \succ \preceq \succeq"
    r" \preccurlyeq \succcurlyeq \subset \supset \subseteq \supseteq \subsetneq \supsetneq \sqsubset \sqsupset"
    r" \sqsubseteq \sqsupseteq \in \notin \ni \vdash \dashv \models \Vdash \vDash \perp \asymp \doteq \triangleq"
    r" \leqslant \geqslant \lesssim \gtrsim \lessgtr \gtrless \leqq \geqq \lneq \gneq \nleq \ngeq \nsubseteq"
    r" \thicksim \thickapprox \backsim \eqsim \Subset \Supset \between \pitchfork \bowtie \smile \frown \trianglelefteq"
    r" \trianglerighteq \nmid \nparallel \nsim \ncong \shortmid".split()
)

ARROWS = tuple(
    r"\leftarrow \rightarrow \leftrightarrow \Leftarrow \Rightarrow \Leftrightarrow \longleftarrow \longrightarrow"
    r" \longleftrightarrow \Longleftarrow \Longrightarrow \Longleftrightarrow \mapsto \longmapsto \hookrightarrow"
    r" \hookleftarrow \uparrow \downarrow \updownarrow \Uparrow \Downarrow \Updownarrow \nearrow \searrow \swarrow"
    r" \nwarrow \rightharpoonup \rightharpoondown \leftharpoonup \leftharpoondown \rightleftharpoons \leadsto"
    r" \rightrightarrows \leftleftarrows \rightleftarrows \leftrightarrows \twoheadrightarrow \twoheadleftarrow"
    r" \rightarrowtail \leftarrowtail \dashrightarrow \circlearrowleft \circlearrowright \curvearrowright"
    r" \nrightarrow \nRightarrow \nLeftrightarrow \upharpoonright".split()
)

BINARY = tuple(
    r"\pm \mp \times \div \cdot \circ \bullet \star \cap \cup \uplus \sqcap \sqcup \vee \wedge \setminus \wr \diamond"
    r" \bigtriangleup \bigtriangledown \triangleleft \triangleright \oplus \ominus \otimes \oslash \odot \bigcirc"
    r" \dagger \ddagger \amalg \ltimes \rtimes \boxtimes \boxplus \circledast \veebar \barwedge \dotplus".split()
)

ORDINARY = tuple(
    r"\partial \nabla \infty \forall \exists \nexists \neg \emptyset \varnothing \prime \hbar \ell \wp \Re \Im \aleph"
    r" \beth \imath \jmath \angle \measuredangle \triangle \square \blacksquare \Diamond \lozenge \clubsuit"
    r" \diamondsuit \heartsuit \spadesuit \flat \natural \sharp \top \surd \S \P \eth \mho \Bbbk \hslash \complement"
    r" \because \therefore \checkmark \bigstar \blacktriangleright \ldots \cdots \vdots \ddots"
    r" \% \& \# \$ \_".split()
)

DELIMITERS = tuple(
    r"\{ \} \| \langle \rangle \lfloor \rfloor \lceil \rceil \ulcorner \urcorner \llcorner \lrcorner".split()
)

SYMBOLS = frozenset(GREEK + OPERATORS + LARGE + RELATIONS + ARROWS + BINARY + ORDINARY + DELIMITERS)

# Font -> the characters that look different in it; any other character keeps its plain token.
FONTS = {
    "mathrm": tuple(LETTERS),
    "mathbf": tuple(LETTERS + DIGITS),
    "mathcal": tuple(string.ascii_uppercase),
    "mathscr": tuple(string.ascii_uppercase),
    "mathbb": tuple(string.ascii_uppercase),
    "mathfrak": tuple(LETTERS),
    "mathsf": tuple(LETTERS),
    "mathtt": tuple(LETTERS),
    "boldsymbol": tuple(LETTERS) + GREEK + (r"\nabla", r"\partial", r"\ell"),
}

# Constructs: opening token -> number of arguments. Their text is opener, arguments parted by "}{", "}".
ACCENTS = tuple(
    r"\hat \check \tilde \acute \grave \dot \ddot \dddot \breve \bar \vec \mathring \widehat \widetilde \overline"
    r" \underline \overrightarrow \overleftarrow \overleftrightarrow \overbrace \underbrace".split()
)
CONSTRUCTS = {
    "_{": 1, "^{": 1, r"\frac{": 2, r"\sqrt{": 1, r"\sqrt[": 2, r"\binom{": 2, r"\overset{": 2, r"\underset{": 2,
    r"\xrightarrow{": 1, r"\xrightarrow[": 2, r"\xleftarrow{": 1, r"\boxed{": 1, **{name + "{": 1 for name in ACCENTS},
}
ENVIRONMENTS = ("matrix", "aligned")

# --- what other spellings mean ---------------------------------------------------------------------------------------

SYNONYMS = {
    r"\le": r"\leq", r"\ge": r"\geq", r"\ne": r"\neq", r"\to": r"\rightarrow", r"\gets": r"\leftarrow",
    r"\land": r"\wedge", r"\lor": r"\vee", r"\lnot": r"\neg", r"\lbrace": r"\{", r"\rbrace": r"\}", r"\lbrack": "[",
    r"\rbrack": "]", r"\vert": "|", r"\lvert": "|", r"\rvert": "|", r"\mid": "|", r"\Vert": r"\|", r"\lVert": r"\|",
    r"\rVert": r"\|", r"\parallel": r"\|", r"\dag": r"\dagger", r"\ddag": r"\ddagger", r"\ast": "*", r"\colon": ":",
    r"\bot": r"\perp", r"\owns": r"\ni", r"\iff": r"\Longleftrightarrow", r"\implies": r"\Longrightarrow",
    r"\impliedby": r"\Longleftarrow", r"\backslash": r"\setminus", r"\smallsetminus": r"\setminus",
    r"\cdotp": r"\cdot", r"\centerdot": r"\cdot", r"\slash": "/", r"\lt": "<", r"\gt": ">", r"\i": r"\imath",
    r"\j": r"\jmath", r"\dotsc": r"\ldots", r"\dotsb": r"\cdots", r"\dotsm": r"\cdots", r"\dotsi": r"\cdots",
    r"\dotso": r"\ldots", r"\hdots": r"\ldots", r"\mathellipsis": r"\ldots", r"\textellipsis": r"\ldots",
    r"\Box": r"\square", r"\qed": r"\square", r"\restriction": r"\upharpoonright",
    r"\varpropto": r"\propto", r"\omicron": "o", r"\Alpha": r"\mathrm{A}",
    r"\Beta": r"\mathrm{B}", r"\unlhd": r"\trianglelefteq", r"\unrhd": r"\trianglerighteq", r"\lhd": r"\triangleleft",
    r"\rhd": r"\triangleright", r"\vartriangleleft": r"\triangleleft", r"\vartriangleright": r"\triangleright",
    r"\vartriangle": r"\triangle", r"\longleadsto": r"\leadsto", r"\rightsquigarrow": r"\leadsto",
    r"\rightarrowfill": r"\rightarrow", r"\textbar": "|", r"\textless": "<", r"\textgreater": ">",
    r"\textbackslash": r"\setminus", r"\mathsection": r"\S", r"\textsection": r"\S", r"\textparagraph": r"\P",
    r"\textasteriskcentered": "*", r"\textquoteright": r"\prime",
    r"\textemdash": "-", r"\textendash": "-", r"\Or": r"\vee", r"\nsubset": r"\not\subset",
    r"\varDelta": r"\Delta", r"\varGamma": r"\Gamma", r"\varOmega": r"\Omega",
    r"\thetasym": r"\vartheta", r"\infin": r"\infty", r"\real": r"\Re", r"\image": r"\Im", r"\exist": r"\exists",
    r"\isin": r"\in", r"\empty": r"\emptyset", r"\lang": r"\langle", r"\rang": r"\rangle", r"\bull": r"\bullet",
    r"\lgroup": "(", r"\rgroup": ")", r"\lmoustache": r"\{", r"\rmoustache": r"\}", r"\arrowvert": "|",
    r"\bracevert": "|", r"\Arrowvert": r"\|", r"\nshortmid": r"\nmid",
    r"\gtreqless": r"\gtrless", r"\lesseqgtr": r"\lessgtr", r"\dashleftarrow": r"\leftarrow",
    r"\longhookrightarrow": r"\hookrightarrow", r"\smallint": r"\int", r"\intop": r"\int", r"\ointop": r"\oint",
}

# A command that stands for several tokens, given as ordinary LaTeX.
EXPANSIONS = {
    r"\iint": r"\int\int", r"\iiint": r"\int\int\int", r"\coloneqq": ":=", r"\coloneq": ":=", r"\eqqcolon": "=:",
    r"\bmod": r"\mathrm{mod}", r"\mod": r"\mathrm{mod}", r"\injlim": r"\mathrm{inj~lim}",
    r"\projlim": r"\mathrm{proj~lim}", r"\varlimsup": r"\overline{\lim}", r"\varliminf": r"\underline{\lim}",
    r"\varinjlim": r"\underrightarrow{\lim}", r"\LaTeX": r"\mathrm{LaTeX}", r"\TeX": r"\mathrm{TeX}",
    r"\AA": r"\mathring{\mathrm{A}}", r"\degree": r"^{\circ}", r"\textdegree": r"^{\circ}",
}

NEGATED = {"=": r"\neq", r"\in": r"\notin", r"\leq": r"\nleq", r"\geq": r"\ngeq", r"\exists": r"\nexists",
           r"\subseteq": r"\nsubseteq", "|": r"\nmid", r"\|": r"\nparallel", r"\sim": r"\nsim", r"\cong": r"\ncong",
           r"\rightarrow": r"\nrightarrow", r"\Rightarrow": r"\nRightarrow"}

FONT_COMMANDS = {  # command with an argument -> font
    r"\mathrm": "mathrm", r"\mathbf": "mathbf", r"\mathcal": "mathcal", r"\mathscr": "mathscr", r"\mathbb": "mathbb",
    r"\mathfrak": "mathfrak", r"\mathsf": "mathsf", r"\mathtt": "mathtt", r"\boldsymbol": "boldsymbol",
    r"\mathit": "", r"\mathnormal": "", r"\Bbb": "mathbb", r"\frak": "mathfrak", r"\bold": "mathbf",
    r"\bm": "boldsymbol",
    r"\pmb": "boldsymbol", r"\mathds": "mathbb", r"\mathbfit": "boldsymbol", r"\operatorname": "mathrm",
    r"\operatorname*": "mathrm", r"\mathup": "mathrm", r"\upright": "mathrm", r"\mathbold": "boldsymbol",
    r"\operatornamewithlimits": "mathrm", r"\EuScript": "mathscr", r"\euscript": "mathscr",
}
FONT_SWITCHES = {  # command that lasts to the end of its group -> font
    r"\rm": "mathrm", r"\bf": "mathbf", r"\cal": "mathcal", r"\it": "", r"\sf": "mathsf", r"\tt": "mathtt",
    r"\mit": "", r"\sl": "", r"\normalfont": "mathrm", r"\boldmath": "boldsymbol", r"\scr": "mathscr", r"\em": "",
    r"\bfseries": "mathbf", r"\rmfamily": "mathrm", r"\itshape": "", r"\sffamily": "mathsf", r"\sc": "mathrm",
    r"\unboldmath": "",
}
TEXT_COMMANDS = {
    r"\text": "mathrm", r"\mbox": "mathrm", r"\hbox": "mathrm", r"\textrm": "mathrm", r"\textnormal": "mathrm",
    r"\textbf": "mathbf", r"\textit": "", r"\emph": "", r"\textsf": "mathsf", r"\texttt": "mathtt", r"\textsl": "",
    r"\textup": "mathrm", r"\textsc": "mathrm", r"\intertext": "mathrm", r"\textmd": "mathrm", r"\mathtext": "mathrm",
}

ACCENT_SYNONYMS = {
    r"\overbar": r"\overline", r"\Hat": r"\hat", r"\Tilde": r"\tilde", r"\Bar": r"\bar", r"\Vec": r"\vec",
    r"\Dot": r"\dot", r"\Ddot": r"\ddot", r"\widebar": r"\overline", r"\wideparen": r"\widehat", r"\utilde": r"\tilde",
    r"\underbar": r"\underline", r"\widecheck": r"\check", r"\fbox": r"\boxed", r"\framebox": r"\boxed",
    r"\underrightarrow": r"\underline", r"\underleftarrow": r"\underline", r"\xRightarrow": r"\xrightarrow",
}

SPACES = frozenset(  # that part words; the narrower ones are nothing at all
    [r"\ ", r"\quad", r"\qquad", r"\enspace", r"\enskip", r"\space", r"\nobreakspace", r"\hfill", "~", r"\;"]
)
NARROW_SPACES = frozenset([r"\,", r"\:", r"\>", r"\thinspace", r"\medspace", r"\thickspace"])
IGNORED = frozenset(
    r"\! \/ \- \@ \negthinspace \negmedspace \negthickspace \displaystyle"
    r" \textstyle \scriptstyle \scriptscriptstyle \limits \nolimits \displaylimits \nonumber \notag \allowbreak"
    r" \nobreak \break \newline \null \relax \noindent \protect \strut \mathstrut \bigskip \medskip \smallskip"
    r" \hfil \hss \hfilneg \vfill \big \Big \bigg \Bigg \bigl \bigr \bigm \Bigl \Bigr \Bigm \biggl \biggr \biggm"
    r" \Biggl \Biggr \Biggm \tiny \scriptsize \footnotesize \small \normalsize \large \Large \LARGE \huge \Huge \*"
    r" \centering \ignorespaces \unskip \penalty \mathstrut \goodbreak \leavevmode \sloppy \samepage \par \expandafter"
    r" \xspace \pause".split()
)
UNWRAPPED = frozenset(  # only their argument counts
    r"\mathop \mathrel \mathbin \mathord \mathopen \mathclose \mathpunct \mathinner \smash \ensuremath \vcenter"
    r" \mathclap \mathllap \mathrlap \clap \rlap \llap \lefteqn".split()
)
DROPPED = frozenset(  # with their (one) braced argument
    r"\label \tag \tag* \hspace \hspace* \vspace \vspace* \phantom \hphantom \vphantom \ref \eqref \cite \nocite"
    r" \color \footnote \pagecolor \marginpar \hypertarget \index".split()
)
SKIPS = frozenset(r"\hskip \kern \mskip \mkern \vskip \hglue \vglue".split())  # with a bare dimension

ARRAYS = {  # environment -> (canonical one, delimiter before, after)
    "matrix": ("matrix", "", ""), "smallmatrix": ("matrix", "", ""), "pmatrix": ("matrix", "(", ")"),
    "bmatrix": ("matrix", "[", "]"), "Bmatrix": ("matrix", r"\{", r"\}"), "vmatrix": ("matrix", "|", "|"),
    "Vmatrix": ("matrix", r"\|", r"\|"), "array": ("matrix", "", ""), "cases": ("matrix", r"\{", ""),
    "dcases": ("matrix", r"\{", ""), "rcases": ("matrix", "", r"\}"), "subarray": ("matrix", "", ""),
    "aligned": ("aligned", "", ""), "align": ("aligned", "", ""), "align*": ("aligned", "", ""),
    "split": ("aligned", "", ""), "alignedat": ("aligned", "", ""), "alignat": ("aligned", "", ""),
    "alignat*": ("aligned", "", ""), "eqnarray": ("aligned", "", ""), "eqnarray*": ("aligned", "", ""),
    "flalign": ("aligned", "", ""), "flalign*": ("aligned", "", ""),
    "gather": ("matrix", "", ""), "gather*": ("matrix", "", ""), "gathered": ("matrix", "", ""),
    "multline": ("matrix", "", ""), "multline*": ("matrix", "", ""), "tabular": ("matrix", "", ""),
}
TRANSPARENT = frozenset(["equation", "equation*", "displaymath", "math", "center", "large", "small", "footnotesize"])

DELIMITED = {("(", ")"): "pmatrix", ("[", "]"): "bmatrix", (r"\{", r"\}"): "Bmatrix", ("|", "|"): "vmatrix",
             (r"\|", r"\|"): "Vmatrix"}
OPENING = ("(", "[", r"\{", r"\langle", r"\lfloor", r"\lceil")
CLOSING = (")", "]", r"\}", r"\rangle", r"\rfloor", r"\rceil")
