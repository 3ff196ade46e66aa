"""What the inputs of a model from elsewhere are: columns in order, and how they and the outcome were scaled."""

import pandas as pd
import streamlit as st

from models import Dataset
from models.cards.mapping import MappedColumn, Mapping, Scaling
from ui.shared.widgets import safe_label

_SCALINGS = list(Scaling)


def mapping_form(dataset: Dataset, start: Mapping | None, key: str) -> Mapping | None:
    """Draw the form; return what it says, or None while no column is chosen.

    Args:
        dataset: the table whose columns are chosen among.
        start: what is shown first, or None to begin with nothing.
        key: of this model's widgets.
    """
    chosen = st.multiselect(
        "Columns, in the order of the model's inputs",
        dataset.feature_names,
        default=[column.name for column in start.features] if start else [],
        key=f"{key}-columns",
        help="The order counts: take columns out and add them again to change it.",
    )
    left, right = st.columns(2)
    with left:
        scaling = _scaling("Numbers were", _first_scaling(start), f"{key}-inputs")
    with right:
        scaled = _scaling("The outcome was", start.outcome.scaling if start else Scaling.NONE, f"{key}-outcome")
    if not chosen:
        st.caption("Choose at least one column.")
        return None
    features = _features(dataset, chosen, scaling, start, key)
    outcome = _outcome(dataset, scaled, start, key)
    if features is None:
        return None
    st.caption(_inputs_in_words(dataset, features))
    return Mapping(features=features, outcome=outcome)


def _scaling(label: str, first: Scaling, key: str) -> Scaling:
    index = _SCALINGS.index(first)
    return st.selectbox(label, _SCALINGS, index=index, format_func=lambda scaling: scaling.words, key=key)


def _first_scaling(start: Mapping | None) -> Scaling:
    numeric = [column for column in start.features if not column.categories] if start else []
    return numeric[0].scaling if numeric else Scaling.NONE


def _features(
    dataset: Dataset, names: list[str], scaling: Scaling, start: Mapping | None, key: str
) -> tuple[MappedColumn, ...] | None:
    """Draw the order of categories, and means and deviations where they are typed in; return the columns."""
    known = {column.name: column for column in dataset.features}
    before = {column.name: column for column in start.features} if start else {}
    orders = {}
    for name in names:
        if known[name].is_categorical:
            first = before[name].categories if name in before and before[name].categories else known[name].categories
            orders[name] = tuple(
                st.multiselect(
                    f"Categories of {safe_label(name)}, in the order of their inputs",
                    sorted({*known[name].categories, *first}),
                    default=list(first),
                    key=f"{key}-categories-{name}",
                    help="Each becomes one input, 1 where the row has it and 0 elsewhere.",
                )
            )
    numeric = [name for name in names if name not in orders]
    typed = _typed_scales(dataset, numeric, before, key) if scaling is Scaling.GIVEN and numeric else {}
    if any(not std > 0 or mean != mean for mean, std in typed.values()):
        st.caption("Every column needs a mean, and a standard deviation above 0.")
        return None
    return tuple(
        MappedColumn(name=name, categories=orders[name])
        if name in orders
        else MappedColumn(name=name, scaling=scaling, mean=typed[name][0], std=typed[name][1])
        if name in typed
        else MappedColumn(name=name, scaling=scaling)
        for name in names
    )


def _typed_scales(
    dataset: Dataset, names: list[str], before: dict[str, MappedColumn], key: str
) -> dict[str, tuple[float, float]]:
    """Draw a table of means and standard deviations, the table's own at first; return them by column."""
    given = [before.get(name) for name in names]
    columns = [dataset.X[:, dataset.index(name)] for name in names]
    pairs = [
        (column.mean, column.std)
        if column and column.scaling is Scaling.GIVEN
        else (values.mean(), values.std() or 1.0)
        for column, values in zip(given, columns, strict=True)
    ]
    frame = pd.DataFrame({"column": names, "mean": [p[0] for p in pairs], "std": [p[1] for p in pairs]})
    edited = st.data_editor(
        frame,
        hide_index=True,
        disabled=["column"],
        key=f"{key}-scales-{'|'.join(names)}",
        column_config={
            "mean": st.column_config.NumberColumn("mean (subtracted)", required=True, format="%.6g"),
            "std": st.column_config.NumberColumn("std (divided by)", required=True, min_value=0.0, format="%.6g"),
        },
    )
    return {
        name: (float(mean), float(std)) for name, mean, std in zip(names, edited["mean"], edited["std"], strict=True)
    }


def _outcome(dataset: Dataset, scaling: Scaling, start: Mapping | None, key: str) -> MappedColumn:
    name = dataset.outcome.name
    if scaling is not Scaling.GIVEN:
        return MappedColumn(name=name, scaling=scaling)
    is_given = start is not None and start.outcome.scaling is Scaling.GIVEN
    mean, std = (start.outcome.mean, start.outcome.std) if start and is_given else (dataset.y.mean(), dataset.y.std())
    left, right = st.columns(2)
    with left:
        mean = st.number_input("Mean of the outcome", value=float(mean), format="%.6g", key=f"{key}-outcome-mean")
    with right:
        std = st.number_input("Std of the outcome", value=float(std) or 1.0, format="%.6g", key=f"{key}-outcome-std")
    return MappedColumn(name=name, scaling=scaling, mean=mean, std=std if std > 0 else 1.0)


def _inputs_in_words(dataset: Dataset, features: tuple[MappedColumn, ...]) -> str:
    """Which input is which column."""
    words, number = [], 1
    for feature in features:
        if feature.categories:
            for category in feature.categories:
                words.append(f"{number} {safe_label(f'{feature.name} = {category}')}")
                number += 1
        else:
            words.append(f"{number} {safe_label(feature.name)}")
            number += 1
    return "Inputs: " + ", ".join(words) + f". Output: {safe_label(dataset.outcome.name)}."
