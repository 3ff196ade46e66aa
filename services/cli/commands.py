"""The commands with their options, and what each does; ``python -m services.cli COMMAND --help`` shows them."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from models import FAMILIES, TrainingSettings
from optimizer import METHODS
from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.catalog.version import full_version
from services.cli.models import quality, train
from services.cli.reading import read
from services.cli.runs import RUN_FILES, prove, run, write_spec
from services.cli.studies import COMPARE_FILES, TUNE_FILES, compare, tune
from services.cli.tables import TABLE_HELP, add_sheet_option, add_table_options
from services.specs.base import validation_message
from services.specs.errors import USER_ERRORS
from services.specs.outcomes import CONFIDENCE, Combine
from services.studies.compare.methods import USUAL_METHODS
from services.studies.tune import SweptSetting

PROGRAM = "python -m services.cli"
Act = Callable[[argparse.Namespace, Catalog], None]
Add = Callable[..., Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; return 0, or 1 with the reason on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal without "³" must not cost a result
            stream.reconfigure(errors="replace")
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.command == "run" and given.out is None and not given.json:
        parser.error("run: give --out FOLDER for the files, or --json to print the result")
    try:
        given.act(given, Catalog.of(Settings.from_environment()))
    except ValidationError as error:
        print(f"error: what was asked for cannot be used: {validation_message(error)}", file=sys.stderr)
        return 1
    except (*USER_ERRORS, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


class _Version(argparse.Action):
    """Prints name, version and commit; asks git only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(f"Mixwright {full_version()}")
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM, description="Read a table, train a model, run a specification, or ask how good results are."
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="name, version and commit")
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, act: Act, help: str, *, result: str = "") -> Add:
        """Add a command that acts on its arguments; what is called to add these.

        Args:
            result: what it prints, if anything that a machine may want.
        """
        added = commands.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.")
        added.set_defaults(act=act)
        if result:
            added.add_argument("--json", action="store_true", help=f"print {result} as one JSON document, nothing else")
        return added.add_argument

    _add_run(command("run", run, "run a specification", result="the result"))
    _add_spec(command("spec", write_spec, "write a specification for `run`: goals, limits and formulas of a table"))
    _add_read(command("read", read, "say what is understood of a table", result="that"))
    _add_train(command("train", train, "train and save a model", result="the model's card"))
    what = "prove how much better than its results any candidate of a run could be"
    _add_prove(command("prove", prove, what, result="what was proven"))
    what = "repeat a run at several values of one setting, to see what realism costs"
    _add_tune(command("tune", tune, what, result="all results"))
    what = "search a problem by several methods with as many evaluations each"
    _add_compare(command("compare", compare, what, result="the comparison"))
    _add_quality(command("quality", quality, "cross-validate a model and say where it errs", result="all figures"))
    return parser


def _add_run(add: Add) -> None:
    _add_document(add, "a RunSpec as JSON")
    _add_out(add, f"folder for {_listed(RUN_FILES)}")


def _add_spec(add: Add) -> None:
    add("table", help=TABLE_HELP)
    add_table_options(add)
    add("--goal", required=True, action="append", help="such as 'cost minimum', 'strength max' or 'pH = 7'; several")
    add("--limit", default=[], action="append", help="such as 'strength >= 40' or 'water / cement <= 0.55'; several")
    add("--formula", default=[], action="append", help="such as 'w/c = water / cement'; several")
    add("--fix", default=[], action="append", help="a feature at a value, such as 'age = 28'; several")
    add("--model", default=[], action="append", help="saved models (default: the first of each outcome); several")
    add("--confidence", type=float, help=f"with which limits hold (default {CONFIDENCE:g})")
    add("--by-prediction", action="store_true", help="limits hold by the prediction, without its interval")
    add("--combine", choices=list(Combine), help=f"what several goals make (default {Combine.FRONT})")
    add("--results", type=int, help="how many results")
    add("--evaluations", type=int, help="at most")
    add("--seed", type=int, default=0)
    _add_out(add, "file for it (default: it is printed)")


def _add_read(add: Add) -> None:
    add("table", help=TABLE_HELP)
    add_table_options(add)


def _add_train(add: Add) -> None:
    usual = TrainingSettings()
    mlp = "of mlp, which is taken where it is given"
    trained_here = [family.value for family, words in FAMILIES.items() if words.is_trained_here]
    add("table", help=TABLE_HELP)
    add("--outcome", help="what is predicted, of a table with several outcomes (default: its first)")
    add_table_options(add, has_outcomes=False)
    add("--name", required=True, help="name of the model")
    add("--overwrite", action="store_true", help="replace your own model of that name")
    add("--family", choices=trained_here, help="what kind of model (default automatic: families are compared)")
    add("--widths", type=int, nargs="+", help=f"hidden layers, {mlp} (default {' '.join(map(str, usual.widths))})")
    add("--epochs", type=int, help=f"at most, {mlp} (default {usual.epochs})")
    add("--members", type=int, help=f"networks whose mean predicts, {mlp} (default {usual.n_members})")
    add("--seed", type=int, default=usual.seed)
    add("--lowest-possible", type=float, help="outcome that physics allows, such as 0 (default: no limit)")
    add("--highest-possible", type=float, help="the same upwards, such as 100 for a share in %%")


def _add_prove(add: Add) -> None:
    _add_document(add, "the RunSpec as JSON")
    add("--result", type=Path, help="the result.json of that run, to compare with")
    add("--percent", type=float, default=0.01, help="a gap that is small enough (default 0.01 %%)")
    add("--seconds", type=float, default=60.0, help="at most (default 60)")
    _add_out(add, "file for what was proven, as JSON")


def _add_tune(add: Add) -> None:
    _add_document(add, "a RunSpec as JSON, or a TuneSpec, as tune.json has it under 'spec'")
    add("--weights", type=float, nargs="+", help="values of the setting (default: from off to strong)")
    add("--dial", choices=[dial.value for dial in SweptSetting], help="default: the first that is on")
    _add_out(add, f"folder for {_listed(TUNE_FILES)}")


def _add_compare(add: Add) -> None:
    _add_document(add, "a RunSpec as JSON, or a ComparisonSpec, as methods.json has under 'spec'")
    by_default = f"by default: {' '.join(USUAL_METHODS)}"
    add("--methods", nargs="+", choices=list(METHODS), help=by_default, metavar="METHOD")
    add("--seeds", type=int, help="searches by each method, with seeds that follow one another")
    _add_out(add, f"folder for {_listed(COMPARE_FILES)}")


def _add_quality(add: Add) -> None:
    add("table", help=TABLE_HELP)
    add_table_options(add)
    add("--model", required=True, help="name of a saved model")
    add("--folds", type=int, default=5, help="parts that are held out in turn (default 5)")
    add("--seed", type=int, default=0, help="of folds and shuffles (default 0)")
    _add_out(add, "file for all figures, as JSON")


def _add_document(add: Add, what: str) -> None:
    """Add the document that a command is about, and the table that it is to be done over."""
    add("spec", type=Path, help=what)
    add("--table", help=f"{TABLE_HELP}, in the place of the table that the document names")
    add_sheet_option(add)


def _add_out(add: Add, what: str) -> None:
    add("--out", type=Path, help=what)
    add("--overwrite", action="store_true", help="files that are there already may be replaced")


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
