"""Text to formula, by a list of what is allowed: a parser of our own that builds steps and runs nothing.

Python's `ast` would be the other way. It knows no names with blanks or units, changes some letters of names, tells
nobody in plain words what is wrong where, and is no fence against deep or huge texts.

Names that are one plain word (letters, digits, "_") stand bare. All others stand in square brackets, as in Excel's
tables, Tableau and Power BI: "[fly ash] / [w/c ratio]", a "]" within doubled. Backticks, the other habit, are dead keys
on many keyboards and get lost where text is taken for Markdown.
"""

import re
from typing import NamedTuple

import numpy as np

from models.errors import FormulaError
from models.formulas.formula import CATEGORY, LEVELS, NAME, NUMBER, Formula, Step
from models.formulas.names import clipped, nearest
from models.formulas.operations import COMPARISONS, FUNCTIONS, NEGATIVE, OPERATIONS, OPERATORS

MAX_LENGTH = 20_000
"""Characters of a formula: a weighted sum of 500 features fits."""
MAX_DEPTH = 50
"""Parentheses, functions, powers and signs inside one another."""
MAX_STEPS = 2_500
"""Numbers, names and operations, which bounds the memory that an evaluation takes."""
MAX_NUMBER = 1e100
"""Size of a number, and of what a calculation with numbers alone comes to."""
MAX_EXPONENT = 100.0
"""Size of an exponent that is a number."""

_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_QUOTED = re.compile(r"\[((?:[^\]]|\]\])*+)\]")
_CATEGORY = re.compile(r"""(["'])((?:(?!\1).|\1\1)*+)\1""", re.DOTALL)
_SIGN = re.compile(r"\*\*|<=|>=|==|!=|<>|[-+*/^<>=(),;≤≥≠×·⋅÷−]")
_SPELLINGS = {"**": "^", "<>": "!=", "≤": "<=", "≥": ">=", "≠": "!=", "×": "*", "·": "*", "⋅": "*", "÷": "/", "−": "-"}
_INSTEAD = {  # what people type for what there is
    "ln": "log",
    "pow": "a^b",
    "power": "a^b",
    "root": "sqrt",
    "wurzel": "sqrt",
    "log10": "log(x) / log(10)",
    "if": "(age > 28) * a + (age <= 28) * b",
    "wenn": "(age > 28) * a + (age <= 28) * b",
    "sum": "a + b + c",
    "mean": "(a + b) / 2",
    "average": "(a + b) / 2",
}
_COMPARE_CATEGORY = 'The category at {} can only be compared with a name: write [name] == "category", or !=.'


SIGN, END = "sign", "end"
"""The kinds of tokens besides numbers, names and categories."""


class Token(NamedTuple):
    """A word, number or sign of a formula, and where it starts, counted from 0."""

    kind: str
    text: str
    start: int


def parse(text: str) -> Formula:
    """The formula that a text is; its `Formula.text` is the text itself.

    Numbers, names, ``+ - * /``, ``^`` or ``**``, parentheses, ``< <= > >= == !=`` (1 where it is so, else 0) and the
    functions of `models.formulas.operations.FUNCTIONS`. A category in quotes can be compared: ``resin == "A"``. Powers
    bind strongest, from the right, and before a minus in front: ``-x^2`` is ``-(x^2)``. Typographic signs
    (``× · ÷ − ≤ ≥ ≠``) are read as well. Decimals have a point.

    Raises:
        FormulaError: the text is no formula, or too long, too deep or too large.
    """
    if len(text) > MAX_LENGTH:
        raise FormulaError(f"A formula has at most {MAX_LENGTH:,} characters, this one has {len(text):,}: shorten it.")
    return Formula(text, tuple(_Parser(text).steps()))


def tokens(text: str) -> list[Token]:
    """The words, numbers and signs of a text, and its end.

    Raises:
        FormulaError: a character belongs to none of them, or a bracket is not closed.
    """
    found: list[Token] = []
    at = 0
    while at < len(text):
        start = at
        if text[at].isspace():
            at += 1
            continue
        if match := _NUMBER.match(text, at):
            kind, word, at = NUMBER, match[0], match.end()
        elif match := _CATEGORY.match(text, at):
            kind, word, at = CATEGORY, match[2].replace(match[1] * 2, match[1]), match.end()
        elif match := _QUOTED.match(text, at):
            kind, word, at = NAME, match[1].replace("]]", "]"), match.end()
            if not word:
                raise FormulaError(
                    f"Expected a name in the brackets at {_place(start)}, got none: write [name].", start
                )
        elif text[at].isidentifier():
            while at < len(text) and ("a" + text[at]).isidentifier():
                at += 1
            kind, word = NAME, text[start:at]
        elif match := _SIGN.match(text, at):
            kind, word, at = SIGN, _SPELLINGS.get(match[0], match[0]), match.end()
        else:
            raise FormulaError(_strange(text, at), at)
        found.append(Token(kind, word, start))
    return [*found, Token(END, "the end of the formula", len(text))]


class _Parser:
    """Reads tokens from left to right and writes steps, each operand before what takes it (Pratt 1973)."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._at = 0
        self._steps: list[Step] = []
        self._constants: list[float | None] = []  # what each step comes to where no name is in it

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def steps(self) -> list[Step]:
        """All steps, the result last."""
        if self._next.kind == END:
            raise FormulaError("The formula is empty: write one, such as water / cement.", 0)
        if self._is_sign("="):
            raise FormulaError("A formula starts without '=': leave it out.", self._next.start)
        result = self._steps[self._expression(0, 0)]
        if self._next.kind != END:
            raise FormulaError(self._unexpected(), self._next.start)
        if result.operation == CATEGORY:
            raise FormulaError(_COMPARE_CATEGORY.format(_place(result.position)), result.position)
        return self._steps

    def _expression(self, least: int, depth: int) -> int:
        """Read what binds at least so strongly; the place of its step."""
        if depth > MAX_DEPTH:
            raise FormulaError(
                f"Parentheses, functions, powers and signs go at most {MAX_DEPTH} deep; at {_place(self._next.start)} "
                "they go deeper. Make two formulas of it: one may name the other.",
                self._next.start,
            )
        left = self._operand(depth)
        while self._next.kind == SIGN and (binding := LEVELS.get(self._next.text, -1)) >= least:
            sign = self._take()
            # from the right for powers, from the left for all others; a minus may stand before what follows
            right = self._expression(LEVELS[NEGATIVE] if sign.text == "^" else binding + 1, depth + (sign.text == "^"))
            left = self._add(sign.text, (left, right), sign.start)
            if binding == 1 and self._is_sign(*COMPARISONS):
                raise FormulaError(
                    f"Two comparisons in a row at {_place(self._next.start)}: write (a < b) * (b < c).",
                    self._next.start,
                )
        return left

    def _operand(self, depth: int) -> int:
        if self._next.kind == END or (self._next.kind == SIGN and not self._is_sign("(", "-", "+")):
            raise FormulaError(self._missing_operand(), self._next.start)
        token = self._take()
        if token.kind == NUMBER:
            return self._number(token)
        if token.kind == NAME and self._text[token.start] != "[" and self._is_sign("("):
            return self._call(token, depth)
        if token.kind in (NAME, CATEGORY):
            return self._add(token.kind, (), token.start, token.text)
        if token.text == "(":
            inner = self._expression(0, depth + 1)
            self._close(token)
            return inner
        if token.text == "-":
            return self._add(NEGATIVE, (self._expression(LEVELS[NEGATIVE], depth + 1),), token.start)
        return self._expression(LEVELS[NEGATIVE], depth + 1)

    def _call(self, name: Token, depth: int) -> int:
        operation = FUNCTIONS.get(name.text)
        if operation is None:
            raise FormulaError(_no_function(name), name.start)
        opening = self._take()
        operands: list[int] = []
        if not self._is_sign(")"):
            operands.append(self._expression(0, depth + 1))
            while self._is_sign(","):
                self._take()
                operands.append(self._expression(0, depth + 1))
        self._close(opening)
        least, most = operation.n_operands
        if len(operands) < least or (most is not None and len(operands) > most):
            wanted = f"at least {least} numbers" if most is None else "one number"
            hint = " Decimals are written with a point: 1.5." if most is not None and len(operands) > most else ""
            raise FormulaError(
                f"{name.text} at {_place(name.start)} takes {wanted} in its parentheses, got {len(operands)}.{hint}",
                name.start,
            )
        return self._add(name.text, tuple(operands), name.start)

    def _number(self, token: Token) -> int:
        value = float(token.text)
        if value > MAX_NUMBER:
            raise FormulaError(
                f"The number {clipped(token.text)} at {_place(token.start)} is too large: numbers go up to "
                f"{MAX_NUMBER:g}.",
                token.start,
            )
        return self._add(NUMBER, (), token.start, value)

    def _add(self, operation: str, operands: tuple[int, ...], position: int, value: float | str = "") -> int:
        """Write a step; what numbers alone make is calculated at once, so that nothing impossible is kept."""
        if len(self._steps) >= MAX_STEPS:
            raise FormulaError(
                f"A formula has at most {MAX_STEPS:,} numbers, names and signs, this one has more: make two of it, "
                "one may name the other.",
                position,
            )
        self._check_categories(operation, operands)
        known = [self._constants[i] for i in operands]
        if operation == "/" and known[1] == 0:
            raise FormulaError(f"The formula divides by 0 at {_place(position)}: choose another divisor.", position)
        if operation == "^" and known[1] is not None and abs(known[1]) > MAX_EXPONENT:
            raise FormulaError(
                f"The exponent at {_place(position)} is {known[1]:g}: exponents go from -{MAX_EXPONENT:g} to "
                f"{MAX_EXPONENT:g}.",
                position,
            )
        constant: float | None = None
        if operation == NUMBER:
            constant = float(value)
        elif operands and None not in known:
            with np.errstate(all="ignore"):
                constant = float(OPERATIONS[operation].value(*np.array(known, dtype=float)))
            if not np.isfinite(constant) or abs(constant) > MAX_NUMBER:
                raise FormulaError(_impossible(operation, known, position), position)
        self._steps.append(Step(operation, operands, value, position))
        self._constants.append(constant)
        return len(self._steps) - 1

    def _check_categories(self, operation: str, operands: tuple[int, ...]) -> None:
        """A category stands beside a name in == and !=, and nowhere else."""
        kinds = [self._steps[i].operation for i in operands]
        if CATEGORY in kinds and not (operation in ("==", "!=") and NAME in kinds):
            position = self._steps[operands[kinds.index(CATEGORY)]].position
            raise FormulaError(_COMPARE_CATEGORY.format(_place(position)), position)

    def _is_sign(self, *signs: str) -> bool:
        return self._next.kind == SIGN and self._next.text in signs

    def _take(self) -> Token:
        token = self._next
        self._at += token.kind != END
        return token

    def _close(self, opening: Token) -> None:
        if self._is_sign(")"):
            self._take()
            return
        if self._next.kind == END:
            raise FormulaError(f"The parenthesis at {_place(opening.start)} is not closed: add ')'.", opening.start)
        raise FormulaError(self._unexpected(), self._next.start)

    def _unexpected(self) -> str:
        """What is wrong with a token after a complete term."""
        token, before = self._next, self._tokens[self._at - 1]
        here, sign = f"at {_place(token.start)}", token.text if token.kind == SIGN else ""
        if sign == ")":
            return f"The ')' {here} closes nothing: take it out, or add '('."
        if sign in (",", ";"):
            return (
                f"Expected a sign such as + or *, or the end of the formula {here}, got '{token.text}'. Decimals are "
                "written with a point: 1.5. Several numbers stand only in min(a, b) and max(a, b), with commas between."
            )
        if sign == "=":
            return f"Expected a comparison {here}, got '=': write == for 'equal to'."
        if token.kind == NAME and before.kind == NAME and token.start > before.start:
            both = f"[{before.text} {token.text}]"
            return (
                f"Expected a sign such as + or * {here}, got the name '{clipped(token.text)}'. A name with blanks "
                f"stands in square brackets: {clipped(both)}."
            )
        return f"Expected a sign such as + or * {here}, got {_shown(token)}: write one, such as 2 * x."

    def _missing_operand(self) -> str:
        token = self._next
        got = f"Expected a name, a number or '(' at {_place(token.start)}, got {_shown(token)}."
        if token.kind == END:
            return f"{got} Write what comes after '{self._tokens[self._at - 1].text}'." if self._at else got
        return f"{got} Add what is missing before it, or take it out."


def _impossible(operation: str, known: list[float | None], position: int) -> str:
    sizes = " and ".join(f"{value:g}" for value in known)
    shown = operation if operation in FUNCTIONS else f"'{operation}'"
    return (
        f"What {shown} at {_place(position)} makes of {sizes} is no number up to {MAX_NUMBER:g}: choose other numbers."
    )


def _no_function(name: Token) -> str:
    there = ", ".join(FUNCTIONS)
    if instead := _INSTEAD.get(name.text.casefold()):
        hint = f"Write {instead}."
    elif near := nearest(name.text, FUNCTIONS):
        hint = f"Did you mean {near[0]}?"
    else:
        hint = f"If '{clipped(name.text)}' is a name, write a sign such as * before the parenthesis."
    return f"There is no function '{clipped(name.text)}' at {_place(name.start)}; there are {there}. {hint}"


def _strange(text: str, at: int) -> str:
    character = text[at]
    if character == "[":
        return f"The square bracket at {_place(at)} is not closed: end the name with ']'."
    if character == "]":
        return f"The ']' at {_place(at)} closes nothing: write [name], and ]] for a ']' within a name."
    if character == "`":
        return (
            f"Expected a name, a number or a sign at {_place(at)}, got {character}. Write names like this: [fly ash]."
        )
    if character in "'\"":
        return f"The quote at {_place(at)} is not closed: end the category with {character}."
    if character == "%":
        return f"Expected a name, a number or a sign at {_place(at)}, got '%'. Write 5 % as 0.05."
    if character in "²³":
        return f"Expected a name, a number or a sign at {_place(at)}, got '{character}'. Write x^2 for x²."
    shown = character if character.isprintable() else f"the character U+{ord(character):04X}"
    signs = " ".join(sorted({*OPERATORS, "(", ")"}))
    return (
        f"Expected a name, a number or one of {signs} at {_place(at)}, got {shown!r}. A name with such characters "
        "stands in square brackets: [fly ash (%)]."
    )


def _shown(token: Token) -> str:
    return token.text if token.kind == END else f"'{clipped(token.text)}'"


def _place(start: int) -> str:
    return f"character {start + 1:,}"
