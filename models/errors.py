"""What can be wrong with tables, models and trainings."""


class DatasetError(ValueError):
    """A table cannot serve as a dataset; the text says why and how to mend it."""


class ModelFileError(ValueError):
    """A file is no model that can be used; the text says what was expected and what came."""


class ModelStoreError(ValueError):
    """A saved model cannot be found, named, replaced or deleted as asked; the text says how to mend it."""


class ModelMismatchError(ValueError):
    """A model and a table do not fit; the text says what the model needs and what the table lacks."""


class TrainingError(ValueError):
    """No model can be trained; the text says why and how to mend it."""
