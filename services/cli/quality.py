"""``quality TABLE --model NAME``: how good a model is, and where it errs."""

import argparse
from pathlib import Path

from services.catalog.loading import Catalog
from services.specs.run import DatasetRef, ModelRef


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command that checks a model."""
    quality = commands.add_parser("quality", help="cross-validate a model and say where it errs")
    quality.add_argument("table", help="name of a shipped table")
    quality.add_argument("--model", required=True, help="name of a saved model")
    quality.add_argument("--folds", type=int, default=5, help="parts that are held out in turn (default 5)")
    quality.add_argument("--seed", type=int, default=0, help="of folds and shuffles (default 0)")
    quality.add_argument("--out", type=Path, help="file for all figures, as JSON")
    quality.set_defaults(act=quality_command)


def quality_command(given: argparse.Namespace, catalog: Catalog) -> None:
    """Check a model on a shipped table; print verdict and figures, and write them where asked to."""
    from services.studies.quality import QualitySpec, run_quality
    from services.studies.quality.texts import figure_lines

    dataset = catalog.datasets.load(given.table)
    saved = catalog.models.load(given.model)
    spec = QualitySpec(
        dataset=DatasetRef(name=dataset.name, digest=dataset.digest),
        model=ModelRef(name=saved.name, digest=saved.digest),
        n_folds=given.folds,
        seed=given.seed,
    )
    result = run_quality(spec, catalog)
    assert result is not None  # nobody can stop it
    if given.out:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(result.model_dump_json(indent=1), encoding="utf-8")
    print(result.verdict.headline)
    for sentence in result.verdict.sentences:
        print(f"- {sentence}")
    for line in figure_lines(result):
        print(line)
