"""The next round: a table extended by what was measured, the same kind of model trained on it, and the next search."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields, replace

import numpy as np

from models import Column, Dataset, DatasetError, ModelCard
from models.data.dataset import Label
from optimizer import SpaceError
from services.catalog.loading import ModelWithData
from services.papers.lab_sheet.table import settings_of
from services.papers.measured.measurements import Measurement, measured_outcome
from services.problems.building import build_problem
from services.problems.defaults import default_spec
from services.specs.outcomes import ModelRef
from services.specs.results import RunResult
from services.specs.run import DatasetRef, RunSpec
from services.studies.training import TrainingSpec

_EXTENDED = re.compile(r"(.*) \+ (\d+) measured")


def extended_dataset(dataset: Dataset, result: RunResult, rows: Sequence[Measurement]) -> Dataset:
    """A table with measured results as new rows after the old ones, called such as "Concrete mixes + 3 measured".

    The settings are those of the lab sheet, rounded as they are dosed. Features that the run's model does not know have
    no values in the new rows, so they are left out; outcomes that were not measured are gaps. New rows are numbered on
    from the last old one.

    Raises:
        DatasetError: there are no values, or a result has a category that the table does not know.
    """
    if not rows:
        raise DatasetError("There is nothing to add: type or upload what was measured first.")
    names = [name for name in dataset.feature_names if name in {feature.name for feature in result.features}]
    shared = dataset.indices(names)
    columns = [dataset.features[j] for j in shared]
    batches = _batches(dataset, result, rows)
    n = len(batches)
    new = np.array([[_number(column, _setting(result, row, column.name)) for column in columns] for row, _ in batches])
    X = np.vstack([dataset.X[:, shared], new])
    told = {
        name: np.concatenate([dataset.measured(name), [values.get(name, np.nan) for _, values in batches]])
        for name in dataset.outcome_names
    }
    y = told[dataset.outcome.name]
    return replace(
        dataset,
        name=extended_name(dataset.name, n),
        features=tuple(_fitting(column, X[:, j]) for j, column in enumerate(columns)),
        outcome=_fitting(dataset.outcome, y),
        X=X,
        y=y,
        sweep=dataset.sweep if dataset.sweep in names else None,
        parts=dataset.parts if set(dataset.parts) <= set(names) else (),
        row_numbers=np.concatenate([dataset.numbers, dataset.numbers.max() + np.arange(1, n + 1)]),
        labels=tuple(_unlabelled(label, n) for label in dataset.labels),
        filled=tuple(gaps for gaps in dataset.filled if gaps.feature in names),
        other_outcomes=tuple(
            replace(other, column=_fitting(other.column, told[other.column.name]), values=told[other.column.name])
            for other in dataset.other_outcomes
        ),
    )


def _batches(
    dataset: Dataset, result: RunResult, rows: Sequence[Measurement]
) -> list[tuple[Measurement, dict[str, float]]]:
    """The new rows: different outcomes of one result stand in one of them, a repeated value in the next."""
    found: list[tuple[Measurement, dict[str, float]]] = []
    for row in rows:
        name = measured_outcome(result, row).name
        if name not in dataset.outcome_names:
            raise DatasetError(
                f"The table has no outcome '{name}' to take in what was measured; it has "
                f"{', '.join(dataset.outcome_names)}."
            )
        same = (values for one, values in found if (one.result, one.at) == (row.result, row.at) and name not in values)
        values = next(same, None)
        if values is None:
            values = {}
            found.append((row, values))
        values[name] = row.value
    return found


def extended_name(name: str, n: int) -> str:
    """What a table with so many measured rows more is called; those of before are counted in."""
    match = _EXTENDED.fullmatch(name)
    return f"{match[1]} + {int(match[2]) + n} measured" if match else f"{name} + {n} measured"


def origin_words(dataset: Dataset, result: RunResult, run_id: str, n: int) -> str:
    """Where the rows of an extended table come from, to be kept with it."""
    return (
        f"{dataset.n_rows:,} rows of {dataset.name} (digest {dataset.digest}) and {n} measured results of the run "
        f"{result.spec.name} ({run_id}, seed {result.spec.seed}) by the model {result.spec.model.name}."
    )


def same_training(card: ModelCard | None, dataset: DatasetRef) -> TrainingSpec:
    """The training of the same family with the same settings on another table.

    Args:
        card: of the model that the run asked; without one, or for a model that was not trained here, it is the default
            training.
    """
    if card is None or card.settings is None:
        return TrainingSpec(dataset=dataset)
    spec, settings = TrainingSpec(dataset=dataset, family=card.family), asdict(card.settings)
    options = spec.options()
    # A family's own settings come first: its learning rate is not that of a network.
    own = set() if isinstance(options, TrainingSpec) else {field.name for field in fields(options)} & settings.keys()
    shared = {name: value for name, value in settings.items() if name not in own and name in TrainingSpec.model_fields}
    return spec.model_copy(update=shared).with_options(**{name: settings[name] for name in own})


def free_name(wanted: str, taken: Sequence[str]) -> str:
    """A name for a model that no other has: what it may have of ``wanted``, numbered if need be."""
    plain = " ".join("".join(c if c.isalnum() or c in " _-" else " " for c in wanted).split())[:50].strip(" -_")
    known, name, number = {other.casefold() for other in taken}, plain or "model", 2
    while name.casefold() in known:
        name, number = f"{plain or 'model'} {number}", number + 1
    return name


def next_run(
    result: RunResult,
    dataset: Dataset,
    trained: Mapping[ModelRef, ModelWithData],
    models_of: Callable[[RunSpec], ModelWithData] | None = None,
) -> RunSpec:
    """The run's specification for the extended table and new models; where these do not fit, the usual one.

    What was decided while the run went on was about its own lineages, and is left out.

    Args:
        trained: the new models, each with its rows of the extended table, at least one; models of other outcomes stay.
        models_of: what gives table and models of a run with several outcomes.
    """
    extended = DatasetRef(name=dataset.name, digest=dataset.digest)
    new = {model_data.dataset.outcome.name: ref for ref, model_data in trained.items()}
    (first, own), *_ = trained.items()
    outcomes = tuple(
        each.model_copy(update={"model": each.model and new.get(each.name or own.dataset.outcome.name, each.model)})
        for each in result.spec.outcomes
    )
    spec = result.spec.revised(dataset=extended, outcomes=outcomes, starts=(), continues="", decisions=())
    try:
        build_problem(spec, models_of(spec) if models_of is not None and spec.has_several_outcomes else own)
    except (SpaceError, DatasetError):
        return default_spec(own, dataset, first, name=dataset.name)
    return spec


def models_to_train(result: RunResult, rows: Sequence[Measurement]) -> dict[str, tuple[str, ModelRef]]:
    """The outcomes whose models learn next from measured values, by `Measurement.outcome`: name and model of each."""
    values = {row.outcome: measured_outcome(result, row) for row in rows}
    found = {}
    for key, outcome in values.items():
        model = result.spec.model if outcome.place is None else result.spec.outcomes[outcome.place].model
        assert model is not None
        found[key] = outcome.name, model
    return found


def _setting(result: RunResult, row: Measurement, name: str) -> float | str:
    """What a feature was when a result was measured."""
    if name != result.spec.swept:
        return next(one.value for one in settings_of(result, row.result) if one.feature.name == name)
    if row.at is None:
        raise DatasetError(f"A measured value lacks its {name}: take it back, and type it again with one.")
    return row.at


def _number(column: Column, value: float | str) -> float:
    if not isinstance(value, str):
        return float(value)
    if value not in column.categories:
        raise DatasetError(f"The table knows no {column.name} '{value}', only {', '.join(column.categories)}.")
    return float(column.categories.index(value))


def _unlabelled(label: Label, n_new: int) -> Label:
    """A label whose last rows, the new ones, have no value."""
    return Label(label.name, np.concatenate([label.values, np.full(n_new, np.nan if label.is_number else "")]))


def _fitting(column: Column, values: np.ndarray) -> Column:
    """A column that holds whole numbers only if all its values are such."""
    known = values[np.isfinite(values)]
    return replace(column, is_integer=column.is_integer and bool((known == np.round(known)).all()))
