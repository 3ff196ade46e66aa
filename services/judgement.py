"""How an operator's model that takes TensorFlow agrees with the recorded rows: worked out where TensorFlow may be."""

from models import ModelCard
from models.mapping import Mapping
from models.operator_model import KerasModelFile
from services.material import Shelves
from services.runspec import DatasetRef
from services.spec import Spec
from services.uploads.judging import judge


class JudgementSpec(Spec):
    """Which operator's model, what its inputs are said to be, and the rows to ask it about."""

    dataset: DatasetRef
    name: str
    mapping: Mapping


def run_judgement(spec: JudgementSpec, shelves: Shelves) -> ModelCard:
    """Return the card of a model of the operator's folder; loads TensorFlow.

    Raises:
        DatasetError: the table is not there any more.
        ModelStoreError: there is no such model.
        ModelMismatchError: mapping, table and model do not fit.
        ModelFileError: Keras cannot load it, or it does not map rows to one number.
    """
    dataset = shelves.dataset(spec.dataset)
    file = shelves.operator.load(spec.name)
    encoding = spec.mapping.encoding_for(spec.mapping.rows_of(dataset))
    predictor = KerasModelFile(file.path, encoding).loaded()
    return judge(spec.mapping, dataset, encoding.n_inputs, predictor.outputs, predictor.versions)
