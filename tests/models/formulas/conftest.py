"""Formulas that hypothesis writes: whole ones over three names, and texts that are nearly some."""

import hypothesis.strategies as st

NAMES = ("x", "fly ash", "Größe [°C]]")
QUOTED = ("x", "[fly ash]", "[Größe [°C]]]]]")

atoms = st.sampled_from(QUOTED) | st.floats(0.01, 100).map(repr) | st.integers(0, 9).map(str)


def _longer(parts):
    return st.one_of(
        st.tuples(parts, st.sampled_from(["+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!="]), parts).map(
            lambda p: f"({p[0]} {p[1]} {p[2]})"
        ),
        st.tuples(parts, st.sampled_from(["2", "3", "-1", "0.5", "x"])).map(lambda p: f"({p[0]})^({p[1]})"),
        st.tuples(st.sampled_from(["abs", "sqrt", "exp", "log"]), parts).map(lambda p: f"{p[0]}({p[1]})"),
        st.tuples(st.sampled_from(["min", "max"]), parts, parts, parts).map(lambda p: f"{p[0]}({', '.join(p[1:])})"),
        parts.map(lambda p: f"-{p}"),
    )


formulas = st.recursive(atoms, _longer, max_leaves=8)
"""Texts of formulas; some of them make numbers that are refused."""

pieces = st.lists(
    st.sampled_from(
        ["x", "[fly ash]", "[", "]", "(", ")", "+", "-", "*", "**", "^", "/", "<", "=", "==", ",", "1", "2.5"]
    )
    | st.sampled_from(["9e99", "min(", "log", '"A"', "'", " ", "²", "é", "\x00", "]]", ".", "1e", "if("]),
    max_size=30,
).map("".join)
"""Texts of the right pieces in any order."""
