import pytest

from services.texts.distance import DistanceLevel, distance_level, distance_words


@pytest.mark.parametrize(
    ("plausibility", "level"),
    [
        (100.0, DistanceLevel.AMONG),
        (20.0, DistanceLevel.AMONG),
        (19.9, DistanceLevel.EDGE),
        (4.9, DistanceLevel.BEYOND),
    ],
)
def test_a_candidate_lies_among_the_records_at_their_edge_or_beyond(plausibility, level):
    assert distance_level(plausibility) is level


@pytest.mark.parametrize(
    ("plausibility", "words"),
    [
        (12.0, "at their edge: farther out than 88 % of the recorded rows"),
        (0.2, "beyond them: farther out than over 99 % of the recorded rows"),
        (0.0, "beyond them: farther out than any recorded row"),
    ],
)
def test_the_words_say_where_and_beside_what(plausibility, words):
    assert distance_words(plausibility) == words
