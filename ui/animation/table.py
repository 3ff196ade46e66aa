"""The results of a run as an HTML table, the reference below them."""

from services.labsheet.settings import settings_of
from services.markup import Markup, element
from services.naming import titles
from services.reference import reference_of
from services.results import ResultSet, RunResult
from services.wordings import interval_words, percent_words


def results_table(result: RunResult) -> Markup:
    """Return the table: predicted objective with its interval, plausibility, second check, settings with units."""
    name, reference = reference_of(result)
    rows = [_row(result, result.results, k, title) for k, title in enumerate(titles(result))]
    if len(reference):
        rows.append(_row(result, reference, 0, f"Reference: {name}", kind="reference"))
    table = element("table", element("thead", element("tr", *_heads(result))), element("tbody", *rows))
    return element("div", table, class_="scroll", tabindex="0", role="region", aria_label="Table of results")


def _heads(result: RunResult) -> list[Markup]:
    heads = [("", ""), (f"predicted {result.objective_short}", result.objective_unit)]
    if result.results.plausibility is not None:
        heads.append(("plausibility", "%"))
    if result.results.second_check is not None:
        heads.append(("second check", "%"))
    heads += [(one.feature.name, one.feature.unit) for one in settings_of(result, 0)] if len(result.results) else []
    return [element("th", name, element("small", unit) if unit else "", scope="col") for name, unit in heads]


def _row(result: RunResult, rows: ResultSet, k: int, name: str, kind: str | None = None) -> Markup:
    cells, shown = [interval_words(result, rows, k)], result.results
    for column, values in ((shown.plausibility, rows.plausibility), (shown.second_check, rows.second_check)):
        if column is not None:
            cells.append("–" if values is None else percent_words(values[k]).removesuffix(" %"))
    cells += [one.words for one in settings_of(result, k, rows)]
    return element("tr", element("th", name, scope="row"), *(element("td", cell) for cell in cells), class_=kind)
