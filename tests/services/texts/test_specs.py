from optimizer import Decision
from services.texts.specs import decisions_sentence


def test_decisions_are_told_in_order_with_generations_as_on_screen():
    decisions = [Decision(after=39, kind="drop", lineage=1200), Decision(after=1041, kind="more", lineage=3)]
    assert decisions_sentence(decisions) == (
        "You dropped lineage 1200 after generation 40; asked for more like lineage 3 after generation 1,042."
    )
    assert decisions_sentence([]) == ""
