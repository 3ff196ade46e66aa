"""Which Mixwright it is, told by its one place, by git, and by a result."""

import re
import subprocess
import sys
import tomllib

import numpy as np

from models.intervals.residuals import CorrectedPredictor
from models.keras.operator_model import KerasPredictor
from services.catalog.settings import ROOT
from services.catalog.version import full_version, own_commit, own_version, software_versions
from services.results.search import run_spec
from services.texts.tables import provenance_frame


def git(folder, *words):
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    done = subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_the_version_is_that_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert own_version() == project["version"]
    assert re.match(rf"{re.escape(project['version'])}( \(commit [0-9a-f]+( with changes)?\))?$", full_version())


def test_a_checkout_names_its_commit_and_whether_files_differ(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "7.8"\n')
    assert own_commit(tmp_path) == "" and full_version(tmp_path) == "7.8"
    clean, changed = tmp_path / "clean", tmp_path / "changed"
    for folder in (clean, changed):
        folder.mkdir()
        (folder / "pyproject.toml").write_text('[project]\nversion = "7.8"\n')
        git(folder, "init", "-q")
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", "Begin")
    commit = git(clean, "rev-parse", "HEAD")[:12]
    assert full_version(clean) == f"7.8 (commit {commit})"
    (changed / "pyproject.toml").write_text('[project]\nversion = "7.9"\n')
    assert own_commit(changed) == f"{git(changed, 'rev-parse', 'HEAD')[:12]} with changes"


def test_a_folder_within_another_repository_has_no_commit(tmp_path):
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "Begin")
    inner = tmp_path / "inner"
    inner.mkdir()
    assert own_commit(inner) == ""
    assert own_version(inner) == "unknown"


def test_a_broken_checkout_has_no_commit(tmp_path):
    (tmp_path / ".git").write_text("gitdir: /nowhere\n")
    assert own_commit(tmp_path) == ""


def test_a_result_names_what_it_was_made_with(mixed_spec, mixed):
    result = run_spec(mixed_spec.revised(budget={"evaluations": 200}), mixed).result
    assert result.versions == software_versions()
    assert list(result.versions) == ["mixwright", "python", "numpy", "scipy", "scikit-learn"]
    told = dict(provenance_frame(result).to_numpy())
    assert told["version of mixwright"] == full_version()
    assert {"version of scipy", "version of scikit-learn"} <= told.keys()


def test_tensorflow_is_named_where_a_model_runs_in_it_and_is_not_loaded_for_that():
    own = KerasPredictor(encoding=None, model=None)
    versions = software_versions([own])
    assert re.match(r"\d+\.\d+", versions["tensorflow"])
    assert software_versions([CorrectedPredictor(own, None)]) == versions
    code = (
        "import sys; from services.catalog.version import software_versions;"
        "from models.keras.operator_model import KerasPredictor as K;"
        "assert software_versions([K(None, None)])['tensorflow'];"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_a_model_in_numpy_names_no_tensorflow(catalog):
    predictor = catalog.models.load("concrete").predictor
    assert np.isfinite(predictor.predict(catalog.datasets.load("concrete").X[:1])).all()
    assert "tensorflow" not in software_versions([predictor])
