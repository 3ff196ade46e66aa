"""What the user chose among the results of a run, kept with it: what is left out, and what goes to the laboratory."""

from pydantic import Field

from services.papers.run_paper import RunPaper


class RunChoices(RunPaper):
    """What was chosen; results by their places, from 0.

    Attributes:
        left_out: results that are shown no more, in the order in which they were left out.
        to_lab: results that go to the laboratory; none is all that are shown.
        litres: volume of the batch that amounts are given for, or None for none.
    """

    paper = "choices"
    left_out: tuple[int, ...] = ()
    to_lab: tuple[int, ...] = ()
    litres: float | None = Field(default=None, gt=0)

    def toggled(self, k: int) -> "RunChoices":
        """The same with a result put to those for the laboratory, or taken from them."""
        others = tuple(one for one in self.to_lab if one != k)
        return self.model_copy(update={"to_lab": others if k in self.to_lab else tuple(sorted((*others, k)))})

    def without(self, k: int) -> "RunChoices":
        """The same with one more result left out, which goes to no laboratory then."""
        out = (*(one for one in self.left_out if one != k), k)
        return self.model_copy(update={"left_out": out, "to_lab": tuple(one for one in self.to_lab if one != k)})

    def with_last(self) -> "RunChoices":
        """The same with the result that was left out last shown again."""
        return self.model_copy(update={"left_out": self.left_out[:-1]})

    def shown(self, n: int) -> tuple[int, ...]:
        """The places of those of ``n`` results that are shown."""
        return tuple(k for k in range(n) if k not in self.left_out)

    def for_lab(self, n: int) -> tuple[int, ...]:
        """The places of those of ``n`` results that the laboratory gets."""
        return tuple(k for k in self.shown(n) if k in self.to_lab) or self.shown(n)


choices_of, change_choices = RunChoices.of, RunChoices.change
