"""What a lab sheet says of one result and of the run it comes from, in words."""

import hashlib
import math
from typing import NamedTuple

from services.digits import common_decimals, number_words
from services.glance import Glance, Verdict, glances
from services.results import RunResult
from services.runspec import RunSpec
from services.sheets import search_sentence
from services.takeaway import Takeaway
from services.wordings import checks_of_rules, facts

DIGEST_LENGTH = 16


class Said(NamedTuple):
    """One thing that is said: what, and how it reads."""

    name: str
    value: str


class Check(NamedTuple):
    """Something that was checked: in words, and what was found."""

    words: str
    verdict: Verdict


def spec_digest(spec: RunSpec) -> str:
    """Return the SHA-256 of a specification, as hexadecimal text: the same for the same run."""
    return hashlib.sha256(spec.model_dump_json().encode()).hexdigest()


def goal_words(result: RunResult) -> str:
    """Return what was searched for, without what else counted."""
    return search_sentence(result).partition(" · ")[0].removeprefix("Searched for ")


def predicted_facts(result: RunResult, k: int) -> list[Said]:
    """Return what is predicted of result ``k`` (from 0); what it was checked for is among `checks`."""
    checked = {one.name for one in glances(result, result.results, k)}
    known = facts(result, result.results, k)
    return [Said(fact.name, fact.value) for fact in known if fact.name not in checked]


def checks(result: RunResult, k: int) -> list[Check]:
    """Return everything that result ``k`` (from 0) was checked for: density and its like, then every rule and step."""
    looked = [one for one in glances(result, result.results, k) if one.name != "Rules"]
    found = [Check(_in_full(one), one.verdict) for one in looked]
    rules = checks_of_rules(result, result.results, k)
    return found + [Check(words, Verdict.GOOD if is_met else Verdict.BAD) for words, is_met in rules]


def _in_full(glance: Glance) -> str:
    """Return a glance with its numbers where they are said nowhere else on the sheet."""
    return f"{glance.line}: {glance.meaning.rstrip('.')}" if glance.name == "Density" else glance.line


def prediction_words(value: float, low: float, high: float) -> str:
    """Return a predicted outcome with its interval, such as "78.7 (48.8 to 108.6)", or alone where that is unknown."""
    decimals = common_decimals([value])
    words = number_words(value, decimals)
    if not (math.isfinite(low) and math.isfinite(high)):
        return words
    return f"{words} ({number_words(low, decimals)} to {number_words(high, decimals)})"


def origin(takeaway: Takeaway) -> list[Said]:
    """Return where the results come from: table, model, seed, versions and digests, the short ones first."""
    result, card = takeaway.result, takeaway.card
    spec = result.spec
    said = [
        Said("Table", f"{result.dataset_name}, {result.n_recorded:,} rows, {_short(spec.dataset.digest)}"),
        Said("Model", f"{spec.model.name}{', ' + _short(spec.model.digest) if spec.model.digest else ''}"),
        Said("Specification", _short(spec_digest(spec))),
        Said("Seed", str(spec.seed)),
        Said("Software", ", ".join(f"{name} {version}" for name, version in result.versions.items())),
    ]
    if card is not None:
        metrics, unit = card.metrics, card.outcome.unit
        judged = (
            f"R² {metrics.r2:.2f}, RMSE {metrics.rmse:.3g} {unit}".rstrip() + f" on {metrics.n_test:,} rows held out"
        )
        said.insert(2, Said("Model judged", judged))
    if takeaway.run_id:
        said.insert(0, Said("Run", takeaway.run_id))
    return said


def _short(digest: str) -> str:
    return digest[:DIGEST_LENGTH]
