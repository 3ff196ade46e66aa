"""Settings of before: undo, and the last ten changes to go back behind."""

from collections.abc import Mapping

import streamlit as st

from services.jobs.following import without_decisions
from services.problems.building import has_more_outcomes
from services.specs.run import RunSpec
from services.studies.compare.runs import SEVERAL_GOALS, differences
from services.texts.specs import COMBINED, outcome_words
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label

_MOST_NAMED = 2  # settings that one change names
_DECISIONS = "Steered by"
_STRENGTH = ": mutation strength"


def change_words(before: RunSpec, after: RunSpec, units: Mapping[str, str]) -> str:
    """What was changed between two runs, such as "density penalty 5 → 2"; "" where no setting differs."""
    found = differences([before, after], units)
    words = [*_of_outcomes(found, before, after, units), *_taken_together(found, before, after)]
    words += [f"{_lowered(name)} {_lowered(old)} → {_lowered(new)}" for name, (old, new) in found.items()]
    n_more = len(words) - _MOST_NAMED
    return "; ".join(words[:_MOST_NAMED]) + (f" and {n_more} more" if n_more > 0 else "")


def _of_outcomes(
    found: dict[str, tuple[str, ...]], before: RunSpec, after: RunSpec, units: Mapping[str, str]
) -> list[str]:
    """What was changed of several outcomes, one each, such as "cost: at most 100 US$/m³"; taken from what was found."""
    if not (has_more_outcomes(before) or has_more_outcomes(after)):
        return []
    was, now = ({each.name: each for each in spec.outcomes if each.name} for spec in (before, after))
    words = [f"{name} added" for name in now if name not in was and was]
    words += [f"{name} removed" for name in was if name not in now and now]
    if not was or not now:  # one outcome has no name
        words += [f"{each.name} {'added' if now else 'removed'}" for each in (after if now else before).outcomes[1:]]
    changed = [each for name, each in now.items() if name in was and each != was[name]]
    for each in changed:
        is_rewritten = each.formula != was[each.name].formula
        wanted = outcome_words(each, units.get(each.name, each.unit), has_formula=is_rewritten)
        words.append(f"{each.name}: {_lowered(wanted)}")
    if before.combine is not after.combine or (after.is_front and not before.is_front):
        words.append(f"several goals make {COMBINED[after.combine]}")
    for name in [*was, *now, "Outcome", "Search for", "Curve", SEVERAL_GOALS]:
        found.pop(name, None)
    if before.is_front != after.is_front and words:  # what goes with it
        for name in ("Results wanted", "Results differ by"):
            found.pop(name, None)
    return words


def _taken_together(found: dict[str, tuple[str, ...]], before: RunSpec, after: RunSpec) -> list[str]:
    """What was changed of several features alike, in a few words; it is taken from what was found."""
    words = ["a result left out"] if found.pop(_DECISIONS, None) and after.decisions else []
    was_free = {feature.name: feature.is_free for feature in before.features}
    for is_free, state in ((False, "frozen"), (True, "set free")):
        flipped = [f.name for f in after.features if f.is_free is is_free is not was_free.get(f.name, is_free)]
        names = [name for name in flipped if name in found]
        if len(names) > 1:
            words.append(f"{len(names)} features {state}")
            for name in names:
                del found[name]
    strengths = [name for name in found if name.endswith(_STRENGTH)]
    if len(strengths) > 1 and len({found[name][1] for name in strengths}) == 1:
        words.append(f"mutation strength of {len(strengths)} features → {found[strengths[0]][1]}")
        for name in strengths:
            del found[name]
    return words


def _lowered(words: str) -> str:
    """Words within a sentence; names in capitals, such as "CO2", stay."""
    return words[:1].lower() + words[1:] if words[1:2].islower() else words


def noted_change(session: AppSession, spec: RunSpec, units: Mapping[str, str]) -> RunSpec:
    """The draft, after what it was before is remembered where it is another one now.

    Decisions about lineages of a run say nothing of one that is set otherwise, so they go with the first change.
    """
    before = session.history.now
    if before is None or before.dataset != spec.dataset or not _has_models_of(before, spec):
        session.history.begin(spec)
    elif before != spec:
        words = change_words(before, spec, units)
        if words and spec.decisions and spec.decisions == before.decisions:
            spec = without_decisions(spec)
        session.history.note(spec, words)
    return spec


def _has_models_of(before: RunSpec, spec: RunSpec) -> bool:
    """Whether a run asks any model that it asked before: with another one it is another work."""
    return any(each.model in [other.model for other in before.outcomes] for each in spec.outcomes if each.model)


def undo_list(session: AppSession) -> None:
    """Draw the last changes, each of which can be taken back with all that were made after it; nothing without any."""
    history = session.history
    if not history.past and not history.undone:
        return
    with st.popover("Undo", icon=":material/undo:"):
        for n, step in enumerate(history.past, start=1):
            key, icon = f"undo-{n}", ":material/undo:" if n == 1 else ":material/history:"
            st.button(safe_label(step.words), key=key, icon=icon, type="tertiary", on_click=_go, args=(session, n))
        if len(history.past) > 1:
            st.caption("Takes back a change and all after it.")
        if history.undone:
            label = f"Again: {safe_label(history.undone[0].words)}"
            st.button(label, key="redo", icon=":material/redo:", type="tertiary", on_click=_redo, args=(session,))


def _go(session: AppSession, n: int) -> None:
    if session.draft is not None and len(session.history.past) >= n:
        session.draft = session.history.back(n)
        session.renew_forms()


def _redo(session: AppSession) -> None:
    if session.draft is not None and session.history.undone:
        session.draft = session.history.again()
        session.renew_forms()
