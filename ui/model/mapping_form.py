"""What the inputs of a model from elsewhere are: columns in order, and how they and the outcome were scaled."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from models import Dataset, ModelCard
from models.cards.mapping import MappedColumn, Mapping, Scaling
from services.intake.uploads.upload import fit_sentence, is_good_fit, r2_words
from ui.charts.predicted import held_out_info, predicted_alt, predicted_figure
from ui.shared.widgets import errors_shown, safe_label, show_chart

_SCALINGS = list(Scaling)


def _mapping_form(dataset: Dataset, start: Mapping | None, key: str) -> Mapping | None:
    """Draw the form; return what it says, or None while no column is chosen."""
    chosen = st.multiselect(
        "Columns, in the order of the model's inputs",
        dataset.feature_names,
        default=[column.name for column in start.features] if start else [],
        key=f"{key}-columns",
        help="The order counts: take columns out and add them again to change it.",
    )
    left, right = st.columns(2)
    numeric = [column for column in start.features if not column.categories] if start else []
    with left:
        scaling = _scaling("Numbers were", numeric[0].scaling if numeric else Scaling.NONE, f"{key}-inputs")
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
    mean = left.number_input("Mean of the outcome", value=float(mean), format="%.6g", key=f"{key}-outcome-mean")
    std = right.number_input("Std of the outcome", value=float(std) or 1.0, format="%.6g", key=f"{key}-outcome-std")
    return MappedColumn(name=name, scaling=scaling, mean=mean, std=std if std > 0 else 1.0)


def _inputs_in_words(dataset: Dataset, features: tuple[MappedColumn, ...]) -> str:
    names: list[str] = []
    for feature in features:
        names += [f"{feature.name} = {category}" for category in feature.categories] or [feature.name]
    words = ", ".join(f"{number} {safe_label(name)}" for number, name in enumerate(names, start=1))
    return f"Inputs: {words}. Output: {safe_label(dataset.outcome.name)}."


def mapped_card(
    dataset: Dataset,
    start: Mapping | None,
    key: str,
    judge: Callable[[Mapping], ModelCard | None],
    save: Callable[[ModelCard], None],
) -> None:
    """Draw the form, beside it how the model then agrees with the recorded rows, and below it how to save that.

    ``judge`` gives the card under a mapping, None while it is not known; ``save`` draws the way to save it.
    """
    form, judgement = st.columns(2, gap="large")
    with form:
        mapping = _mapping_form(dataset, start, key)
    if mapping is None:
        return
    with judgement:
        card = None
        with errors_shown():
            card = judge(mapping)
        if card is None:
            return
        _judgement(card, key)
    with form:
        save(card)


def _judgement(card: ModelCard, key: str) -> None:
    """Draw the figures over the recorded rows, what they say, and predicted against measured."""
    metrics, unit = card.metrics, safe_label(card.outcome.unit)
    figures = st.columns(2)
    figures[0].metric("R² on recorded rows", r2_words(metrics.r2), border=True, help="1 is perfect, below 0 is no use.")
    figures[1].metric("MAE", f"{metrics.mae:.3g} {unit}", border=True, help="Mean absolute error.")
    info = held_out_info(card)
    if info is not None:
        show_chart(f"judgement-{key}", predicted_figure(info), predicted_alt(info), height=320)
    if is_good_fit(card):
        st.success(safe_label(fit_sentence(card)), icon=":material/check:")
    else:
        st.warning(safe_label(fit_sentence(card)), icon=":material/warning:")
    st.caption(
        "It may have been trained on these very rows, so this shows whether the columns are right, not how good the "
        "model is on new ones."
    )
