"""``train`` and ``quality``: a model of a table, and how good a model is."""

from argparse import Namespace
from dataclasses import fields, replace

from models import FAMILIES, AutomaticSettings, Dataset, ModelStore, ModelStoreError, PhysicalLimits, TrainedModel
from models.cards.settings import SETTINGS, Family
from models.store import SavedModel
from services.catalog.loading import Catalog
from services.cli.documents import options_named
from services.cli.files import OutputFile, check_written, rescue_folder
from services.cli.printing import Printer
from services.cli.tables import file_options, for_model, of_outcome
from services.specs.errors import UserError
from services.specs.outcomes import ModelRef
from services.specs.run import DatasetRef
from services.studies.quality.check import run_quality
from services.studies.quality.report import QualitySpec, figure_lines
from services.studies.training import TrainingSpec, run_training
from services.texts.datasets import few_rows_words, table_warning
from services.texts.models import error_words, estimate_words, leaderboard_lines

SETTING_OPTIONS = {"widths": "--widths", "epochs": "--epochs", "n_members": "--members", "seed": "--seed"}
"""The option of each setting of a family that the command line knows."""


def train(given: Namespace, catalog: Catalog) -> None:
    """Train a model of a table and save it."""
    printer = Printer(given.json)
    _check_name(given, catalog)
    known = {"widths": given.widths, "epochs": given.epochs, "n_members": given.members}
    known = {name: value for name, value in known.items() if value is not None}
    if given.family is not None:
        _check_settings(Family(given.family), known)
    PhysicalLimits(given.lowest_possible, given.highest_possible)  # what cannot be is told before a file is read
    table = of_outcome(given.table, catalog, file_options(given))
    dataset = _limited(table.dataset, given)
    family = {} if given.family is None else {"family": given.family}
    ref = DatasetRef(name=dataset.name, digest=dataset.digest)
    with options_named(SETTING_OPTIONS):
        spec = TrainingSpec.model_validate({"dataset": ref, "seed": given.seed, **family, **known})
    spec.settings()  # out of range is told before a table is saved
    table.keep(catalog)
    if dataset.digest != table.dataset.digest:
        catalog.datasets.save(dataset)  # so that a run can name it
    trained = run_training(spec, dataset, on_progress=printer.share)
    saved, trouble = _saved(given, catalog, trained)
    printer.document(
        {
            "name": saved.name,
            "digest": saved.digest,
            "dataset": ref.model_dump(mode="json"),
            "card": saved.card.model_dump(mode="json"),
        }
    )
    _print_trained(saved, dataset, printer)
    if table.file is not None and len(table.file.dataset.outcome_names) > 1:
        others = [name for name in table.file.dataset.outcome_names if name != dataset.outcome.name]
        printer.say(f"Measured, too: {', '.join(others)}. --outcome trains a model of each of them.")
    check_written(trouble)


def _limited(dataset: Dataset, given: Namespace) -> Dataset:
    """The rows with the limits that were given; an end that was not is as before, such as guessed for a file."""
    low, high = given.lowest_possible, given.highest_possible
    if low is None and high is None:
        return dataset
    low, high = dataset.limits.low if low is None else low, dataset.limits.high if high is None else high
    return replace(dataset, limits=PhysicalLimits(low, high))


def _check_name(given: Namespace, catalog: Catalog) -> None:
    """Raise ModelStoreError or UserError where the trained model could not be saved under its name."""
    try:
        catalog.models.check_new_name(given.name, overwrite=given.overwrite)
    except ModelStoreError as error:
        is_own = given.name in catalog.models.names() and not catalog.models.is_shipped(given.name)
        how = " Or give --overwrite: it replaces that model." if is_own and not given.overwrite else ""
        raise UserError(f"--name: {error}{how}") from None


def _check_settings(family: Family, given: dict[str, object]) -> None:
    """Raise UserError where a setting is given that the family does not have."""
    own = {each.name for each in fields(SETTINGS.get(family, AutomaticSettings))}
    if family is not Family.MLP:
        own -= {"n_members"}  # of boosting it is another matter: trees on resampled rows
    unknown = [SETTING_OPTIONS[name] for name in given if name not in own]
    if unknown:
        has = ", ".join(option for name, option in SETTING_OPTIONS.items() if name in own)
        called = FAMILIES[family].name if family is not Family.AUTOMATIC else "automatic choice"
        raise UserError(
            f"{', '.join(unknown)}: of a neural network (--family {Family.MLP}), and --family {family} was given; "
            f"the settings of {'an' if called[0] in 'aeiou' else 'a'} {called} here: {has}."
        )


def _saved(given: Namespace, catalog: Catalog, trained: TrainedModel) -> tuple[SavedModel, str]:
    """The model as it was saved, and what went wrong where it is in another folder; else ""."""
    try:
        return catalog.models.save(given.name, trained.artifact, trained.card, overwrite=given.overwrite), ""
    except (ModelStoreError, OSError) as error:
        folder = rescue_folder()
        saved = ModelStore(folder).save(given.name, trained.artifact, trained.card)
        return (
            saved,
            f"The model cannot be saved in {catalog.models.folder} any more: {error} It is in {folder} instead.",
        )


def _print_trained(saved: SavedModel, dataset: Dataset, printer: Printer) -> None:
    label, metrics, unit = saved.card.family.words.label, saved.card.metrics, saved.card.outcome.unit
    r2, rmse, mae = (
        estimate_words(metrics.r2, metrics.r2_error),
        error_words(metrics.rmse, metrics.rmse_error, unit),
        error_words(metrics.mae, metrics.mae_error, unit),
    )
    how = "cross-validated" if metrics.is_cross_validated else "on held-out rows"
    printer.say(f"{saved.name}: {label}, R2 {r2}, RMSE {rmse}, MAE {mae} {how}")
    printer.say(*(leaderboard_lines(saved.card.leaderboard) if saved.card.leaderboard else ()))
    printer.say(table_warning(dataset), few_rows_words(dataset))


def quality(given: Namespace, catalog: Catalog) -> None:
    """Cross-validate a model, and say where it errs."""
    printer = Printer(given.json)
    out = OutputFile(given.out, overwrite=given.overwrite) if given.out else None
    saved = catalog.models.load(given.model)
    table = for_model(given.table, catalog, saved.card, file_options(given))
    with options_named({"n_folds": "--folds", "seed": "--seed"}):
        spec = QualitySpec(
            dataset=table.ref,
            model=ModelRef(name=saved.name, digest=saved.digest),
            n_folds=given.folds,
            seed=given.seed,
        )
    table.keep(catalog)
    result = run_quality(spec, catalog, on_progress=lambda words: printer.progress(words, words.partition(":")[0]))
    assert result is not None  # nobody can stop it
    trouble = out.write(result.model_dump_json(indent=1).encode()) if out is not None else ""
    printer.document(result)
    printer.say(result.verdict.headline, *(f"- {sentence}" for sentence in result.verdict.sentences))
    printer.say(*figure_lines(result))
    check_written(trouble)
