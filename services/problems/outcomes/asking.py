"""A specification from short texts: what `python -m services.cli spec` writes, and Python may ask for."""

import re
from collections.abc import Sequence

from models import Dataset, DatasetError
from services.catalog.loading import Catalog, ModelWithData
from services.problems.building import build_problem
from services.problems.defaults import default_spec
from services.problems.outcomes.words import outcomes_of_words
from services.specs.errors import USER_ERRORS
from services.specs.outcomes import CONFIDENCE, Combine, ModelRef, OutcomeSpec
from services.specs.run import FeatureSpec, NumericSpec, RunSpec

_FIXED = re.compile(r"(.+?)\s*=\s*(.+)")


def spec_of_words(
    catalog: Catalog,
    table: str | Dataset,
    *,
    goals: Sequence[str],
    limits: Sequence[str] = (),
    formulas: Sequence[str] = (),
    fixed: Sequence[str] = (),
    models: Sequence[str] = (),
    confidence: float | None = CONFIDENCE,
    combine: Combine = Combine.FRONT,
) -> RunSpec:
    """A run over a table as the app suggests one, with these outcomes; see `outcomes_of_words` for the texts.

    Args:
        table: the name of a shipped one, or a dataset that the catalog finds by its digest.
        fixed: features that are held, such as "age = 28" or "catalyst = Ni".
        models: names of saved models; by default the first that predicts an outcome.

    Raises:
        DatasetError: a text cannot be read, or names what is not there; or the problem cannot be built.
        ModelStoreError: there is no such model.
        SpaceError: goals, limits and bounds do not fit together.
    """
    dataset = table if isinstance(table, Dataset) else catalog.datasets.load(table)
    known = catalog.datasets.known_prices(dataset.digest)
    refs = models_by_outcome(catalog, dataset, models)
    outcomes = outcomes_of_words(
        dataset,
        refs,
        goals=goals,
        limits=limits,
        formulas=formulas,
        prices=known.table if known is not None else None,
        confidence=confidence,
    )
    ref = next((each.model for each in outcomes if each.model is not None), None)
    if ref is None:
        raise DatasetError(
            f"No saved model predicts an outcome of {dataset.name} ({', '.join(dataset.outcome_names)}): train one "
            "first."
        )
    suggested = default_spec(catalog.pair(dataset, ref), dataset, ref)
    features = _with_fixed(suggested.features, fixed)
    spec = suggested.revised(outcomes=_swept(suggested, outcomes, features), combine=combine, features=features)
    build_problem(spec, catalog.model_data(spec))
    return spec


def models_by_outcome(catalog: Catalog, dataset: Dataset, names: Sequence[str] = ()) -> dict[str, ModelRef]:
    """Saved models that fit a table, by the outcome that each predicts; of several that are saved the first by name.

    Args:
        names: of the models; by default all that are saved, and those among them that do not fit are left out.

    Raises:
        DatasetError: a model that is named does not fit the table, or two that are named predict one outcome.
        ModelStoreError: there is no such model.
    """
    found: dict[str, ModelRef] = {}
    for name in names or catalog.models.names():
        try:
            ref = ModelRef(name=name, digest=catalog.models.load_lazily(name).digest)
            pair: ModelWithData = catalog.pair(dataset, ref)
        except USER_ERRORS:
            if names:
                raise
            continue
        outcome = pair.dataset.outcome.name
        first = found.setdefault(outcome, ref)
        if names and first != ref:
            raise DatasetError(f"The models '{first.name}' and '{name}' both predict '{outcome}': name one.")
    return found


def _with_fixed(features: Sequence[FeatureSpec], fixed: Sequence[str]) -> tuple[FeatureSpec, ...]:
    """The features, those that are named held at their values."""
    held = {feature.name: feature for feature in features}
    seen: set[str] = set()
    for text in fixed:
        match = _FIXED.fullmatch(text.strip())
        if match is None or match[1] not in held:
            raise DatasetError(f"A feature is held such as 'age = 28', got '{text}'; there are {', '.join(held)}.")
        if match[1] in seen:
            raise DatasetError(f"'{match[1]}' is held twice, the second time by '{text}': say one value.")
        seen.add(match[1])
        feature, value = held[match[1]], match[2]
        if not isinstance(feature, NumericSpec):
            held[match[1]] = feature.model_copy(update={"is_free": False, "value": value})
            continue
        try:
            held[match[1]] = feature.model_copy(update={"is_free": False, "value": float(value)})
        except ValueError:
            raise DatasetError(f"'{match[1]}' is held at a number, got '{value}': give one.") from None
    return tuple(held.values())


def _swept(
    suggested: RunSpec, outcomes: Sequence[OutcomeSpec], features: Sequence[FeatureSpec]
) -> tuple[OutcomeSpec, ...]:
    """The outcomes with the suggested curve where the feature that it sweeps is not held."""
    curve = suggested.curve
    is_held = curve is None or any(each.name == curve.feature and not each.is_free for each in features)
    return tuple(each if is_held or each.formula else each.model_copy(update={"curve": curve}) for each in outcomes)
