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


class FormulaError(ValueError):
    """A formula cannot be read or used; the text says what was expected, what came, where, and how to mend it.

    Attributes:
        position: of the character in the formula's text that it is about, counted from 0; None if it is about no place.
    """

    def __init__(self, text: str, position: int | None = None) -> None:
        super().__init__(text)
        self.position = position
