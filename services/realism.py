"""What a run asks of its candidates beyond the objective, in words: what counts, what is left out, what nothing met."""

import numpy as np

from optimizer import Candidates, Problem
from services.runspec import RunSpec


def realism_parts(spec: RunSpec) -> tuple[str, ...]:
    """Return what counts beside the objective, one phrase each: none where a plain search is asked for."""
    penalties = [penalty for penalty in (spec.density, spec.distance, spec.plausibility) if penalty is not None]
    n_on = sum(penalty.weight > 0 for penalty in penalties)
    parts = [f"the {'penalties' if n_on > 1 else 'penalty'}"] if n_on else []
    if spec.plausibility is not None and spec.plausibility.at_least is not None:
        parts.append(f"the plausibility of at least {spec.plausibility.at_least:g} %")
    if spec.plausibility is not None and spec.plausibility.reach is not None:
        parts.append("the reach")
    if spec.caution > 0:
        parts.append("caution")
    return tuple(parts)


def without_words(spec: RunSpec) -> str:
    """Return what the search that a run is compared with leaves out, such as "without the penalty"."""
    parts = realism_parts(spec)
    if len(parts) < 2:
        return f"without {parts[0] if parts else 'any penalty'}"
    return f"without realism, that is without {', '.join(parts[:-1])} and {parts[-1]}"


def gate_notes(problem: Problem, found: Candidates) -> tuple[str, ...]:
    """Return why a search has no results although it found something, and how to mend it; nothing where it has some.

    Args:
        problem: of the run.
        found: all that its search found, plausible or not.
    """
    found = found.take(np.isfinite(found.scores))
    if problem.gate is None or not len(found) or problem.gate.passes(found.X).any():
        return ()
    most = float(problem.gate.plausibility.percent(found.X).max())
    said = (
        f"No candidate is plausible enough to be a result: of {len(found):,} that the search kept, the most plausible "
        f"reaches {most:.1f} %, and {problem.gate.words} is asked for."
    )
    starts = problem.passing_starts
    if starts is not None and problem.gate.passes(problem.space.repair(starts[:1])).any():
        return (
            f"{said} Recorded rows within the bounds do reach it: give the search more evaluations, or another method.",
        )
    return (
        f"{said} No recorded row that is moved into these bounds and rules reaches it either: widen the bounds towards "
        "what was recorded, or ask for less plausibility.",
    )
