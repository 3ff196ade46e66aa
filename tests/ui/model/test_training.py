import pytest

from models import FAMILIES, Family, OutcomeScale, Smoothness
from services.jobs import JobKind, JobState
from services.studies.training import TrainingSpec

TRAINED = [family for family in Family if FAMILIES[family].is_trained_here]


@pytest.fixture
def page(app):
    """The Model page with the shipped concrete table."""
    return app.use_table("concrete").go("model")


@pytest.fixture
def asked(page, installation, monkeypatch):
    """Press Train so and return the training that was asked for, which is not done."""
    submitted = []

    def submit(kind, name, spec):
        submitted.append(spec)
        return "none"

    def press():
        with monkeypatch.context() as patch:
            patch.setattr(installation.supervisor, "submit", submit)
            page.press("Train so")
        page.session.training_id = None
        return TrainingSpec.model_validate_json(submitted.pop())

    return press


def test_the_choice_among_families_is_proposed(page, asked):
    family = page.one("selectbox", "Family")
    assert family.options == [FAMILIES[family].label for family in TRAINED]
    assert family.options[0] == "Automatic" and family.value is Family.AUTOMATIC
    assert page.all("number_input", "Members") == []
    assert asked() == TrainingSpec(dataset=asked().dataset)


def test_networks_with_five_members_are_proposed(page, asked):
    assert page.put("selectbox", "Family", Family.MLP).one("number_input", "Members").value == 5
    assert asked() == TrainingSpec(dataset=asked().dataset, family=Family.MLP)


def test_the_number_of_members_becomes_the_specification(page, asked):
    page.put("selectbox", "Family", Family.MLP).put("number_input", "Members", 1).put(
        "number_input", "Hidden layers", 2
    )
    spec = asked()
    assert (spec.family, spec.n_members, spec.widths) == (Family.MLP, 1, (32, 32))
    assert (page.one("number_input", "Members").min, page.one("number_input", "Members").max) == (1, 20)


@pytest.mark.parametrize("family", TRAINED)
def test_every_family_can_be_chosen_says_what_it_is_and_is_asked_for_as_it_stands(page, asked, family):
    page.put("selectbox", "Family", family)
    assert page.says(FAMILIES[family].help, "caption")
    spec = asked()
    assert spec == TrainingSpec(dataset=spec.dataset, family=family)
    assert spec.settings().seed == 0


KNOBS = {
    Family.RANDOM_FOREST: (
        {"Trees": 50, "Rows per leaf at least": 3, "Inputs per split [%]": 80},
        lambda s: (s.forest.n_trees, s.forest.min_rows_per_leaf, s.forest.inputs_per_split) == (50, 3, 0.8),
    ),
    Family.BOOSTING: (
        {"Trees at most": 90, "Members": 2, "Learning rate": 0.05, "Leaves at most": 7, "Rows per leaf at least": 9},
        lambda s: (
            (s.boosting.rounds, s.boosting.n_members, s.boosting.learning_rate, s.boosting.max_leaves)
            == (90, 2, 0.05, 7)
            and (s.boosting.min_rows_per_leaf, s.n_members, s.learning_rate)
            == (9, 5, TrainingSpec.model_fields["learning_rate"].default)
        ),
    ),
    Family.QUADRATIC: (
        {"Rows to learn from at most": 300},
        lambda s: s.quadratic.max_rows == 300 and s.gaussian_process.max_rows == 2_000,
    ),
    Family.GAUSSIAN_PROCESS: (
        {"Rows to learn from at most": 200, "Restarts": 3},
        lambda s: (s.gaussian_process.max_rows, s.gaussian_process.restarts) == (200, 3),
    ),
}


@pytest.mark.parametrize("family", KNOBS)
def test_the_settings_of_a_family_become_the_specification_and_outlive_another_page(page, asked, family):
    knobs, is_as_asked = KNOBS[family]
    page.put("selectbox", "Family", family)
    assert page.all("number_input", "Hidden layers") == []
    for label, value in knobs.items():
        page.put("number_input", label, value)
    page.put("slider", "Held-out rows [%]", 25).put("number_input", "Seed", 4).go("start").go("model")
    spec = asked()
    assert is_as_asked(spec), spec
    assert (spec.family, spec.test_share, spec.seed) == (family, 0.25, 4)


def test_the_smoothness_of_a_gaussian_process_is_chosen_by_name(page, asked):
    page.put("selectbox", "Family", Family.GAUSSIAN_PROCESS).put("selectbox", "Smoothness", Smoothness.RBF)
    assert asked().gaussian_process.smoothness is Smoothness.RBF


@pytest.mark.parametrize("family", [Family.GAUSSIAN_PROCESS, Family.QUADRATIC])
def test_the_scale_of_the_outcome_is_chosen_by_name(page, asked, family):
    page.put("selectbox", "Family", family).put("selectbox", "Scale of the outcome", OutcomeScale.LOG)
    assert asked().options().scale is OutcomeScale.LOG


def test_settings_that_cannot_be_trained_say_why(page):
    page.put("selectbox", "Family", Family.BOOSTING).put("number_input", "Trees at most", 2_000)
    page.put("number_input", "Leaves at most", 255).put("number_input", "Members", 20).press("Train so")
    assert page.says("Choose fewer rounds, leaves or members", "error")
    assert page.session.training_id is None


def test_a_training_without_epochs_is_followed_in_words_and_becomes_a_model(page, installation):
    store, dataset = installation.supervisor.store, page.session.dataset
    spec = TrainingSpec(dataset={"name": dataset.name, "digest": dataset.digest}, family=Family.RANDOM_FOREST)
    told = store.add(JobKind.TRAINING, "t", spec.model_dump_json())
    store.start(told, "server")
    store.set_progress(told, "Random forest: 40 of 300 trees")
    page.session.training_id = told
    bar = page.run().test.get("progress")[0]
    assert (bar.proto.value, bar.proto.text.replace("\\", "")) == (13, "Random forest: 40 of 300 trees …")
    store.finish(told, JobState.CANCELLED)
    page.run().put("selectbox", "Family", Family.RANDOM_FOREST).put("number_input", "Trees", 10).press("Train so")
    installation.wait(page.session.training_id)
    page.run()
    assert page.says("Random forest, 10 trees", "markdown")
    assert page.session.model.name == dataset.name
    page.press("Delete it for good")


def test_one_button_trains_as_automatic_does(page, installation, monkeypatch):
    submitted = []
    with monkeypatch.context() as patch:
        patch.setattr(installation.supervisor, "submit", lambda *asked: submitted.append(asked) or "none")
        page.press("Train")
    (_, _, document), dataset = submitted.pop(), page.session.dataset
    assert TrainingSpec.model_validate_json(document) == TrainingSpec(
        dataset={"name": dataset.name, "digest": dataset.digest}
    )
