"""Write the specifications of the four stories to ``examples/``, ready for ``python -m services.cli run``."""

from pathlib import Path

from services.catalog.loading import Catalog
from services.catalog.settings import ROOT, Settings
from services.problems.stories import STORIES, story_spec

FOLDER = ROOT / "examples"


def main(folder: Path = FOLDER) -> None:
    """Write one document per story."""
    catalog = Catalog.of(Settings.from_environment({}))
    folder.mkdir(exist_ok=True)
    for story in STORIES:
        text = story_spec(story, catalog).model_dump_json(indent=2)
        (folder / f"{story.key}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
