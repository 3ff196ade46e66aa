"""Variants: settings of What if that somebody keeps with a run."""

from collections.abc import Sequence

from pydantic import Field

from services.papers.run_paper import RunPaper
from services.specs.base import Spec

MAX_NAME = 60


class Variant(Spec):
    """One setting that was kept.

    Attributes:
        name: as its maker calls it.
        setting: d values in the order of the model's features, categories as codes.
    """

    name: str = Field(min_length=1, max_length=MAX_NAME)
    setting: tuple[float, ...]


class Variants(RunPaper):
    """All variants of a run, in the order in which they were kept."""

    paper = "variants"
    rows: tuple[Variant, ...] = ()

    def of_features(self, n: int) -> "Variants":
        """The variants that have so many features: those of another model are none."""
        return Variants(rows=tuple(row for row in self.rows if len(row.setting) == n))

    def keeping(self, setting: Sequence[float]) -> "Variants":
        """The variants with one more at the end, called by a number."""
        taken = {row.name for row in self.rows}
        name = next(name for n in range(1, len(taken) + 2) if (name := f"Variant {n}") not in taken)
        return Variants(rows=(*self.rows, Variant(name=name, setting=tuple(map(float, setting)))))

    def renamed(self, called: str, name: str) -> "Variants":
        """The variants with one called otherwise; not where the name is empty, numbered where it is taken."""
        taken = {row.name for row in self.without(called).rows}
        wanted = " ".join(name.split())[:MAX_NAME].strip() or called
        numbered = (f"{wanted[: MAX_NAME - 4]} {n}" for n in range(2, len(self.rows) + 2))
        free = wanted if wanted not in taken else next(one for one in numbered if one not in taken)
        changed = (Variant(name=free, setting=row.setting) if row.name == called else row for row in self.rows)
        return Variants(rows=tuple(changed))

    def without(self, called: str) -> "Variants":
        """The variants but for the one of this name."""
        return Variants(rows=tuple(row for row in self.rows if row.name != called))

    def with_back(self, place: int, variant: Variant) -> "Variants":
        """The variants with one put back where it was; at the end, by a number, where its name is taken now."""
        if any(row.name == variant.name for row in self.rows):
            return self.keeping(variant.setting)
        return Variants(rows=(*self.rows[:place], variant, *self.rows[place:]))
