"""An operator's model judged as a job: how it agrees with the recorded rows, worked out where TensorFlow may be."""

from models import ModelCard
from models.cards.mapping import Mapping
from models.keras.backend import backend_versions
from models.keras.operator_model import KerasModelFile
from services.catalog.loading import Catalog
from services.intake.uploads.evaluation import evaluated_card
from services.jobs.workers.job_context import JobContext
from services.specs.base import Spec
from services.specs.run import DatasetRef


class JudgementSpec(Spec):
    """Which operator's model, how its inputs map to columns, and the rows to predict."""

    dataset: DatasetRef
    name: str
    mapping: Mapping


def handle(spec_json: str, job_context: JobContext) -> tuple[str, None]:
    """Run the model over the recorded rows and return its card as JSON."""
    spec = JudgementSpec.model_validate_json(spec_json)
    job_context.set_progress("Loading the model and asking it about the recorded rows")
    return run_judgement(spec, job_context.catalog).model_dump_json(), None


def run_judgement(spec: JudgementSpec, catalog: Catalog) -> ModelCard:
    """The card of a model of the operator's folder; loads TensorFlow.

    Raises:
        DatasetError: the table is not there any more.
        ModelStoreError: there is no such model.
        ModelMismatchError: mapping, table and model do not fit.
        ModelFileError: Keras cannot load it, or it does not map rows to one number.
    """
    dataset = catalog.dataset(spec.dataset)
    file = catalog.operator.load(spec.name)
    encoding = spec.mapping.encoding_for(spec.mapping.rows_of(dataset))
    predictor = KerasModelFile(file.path, encoding).loaded()
    return evaluated_card(spec.mapping, dataset, encoding.n_inputs, predictor.outputs, backend_versions())
