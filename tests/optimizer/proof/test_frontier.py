"""The open boxes behave as a list that is kept sorted would."""

import numpy as np
from hypothesis import given, strategies as st

from optimizer.proof.prove import Frontier

acts = st.lists(
    st.tuples(st.just("add"), st.lists(st.floats(-5, 5), max_size=9))
    | st.tuples(st.just("pop"), st.integers(1, 6))
    | st.tuples(st.just("prune"), st.floats(-5, 5)),
    max_size=20,
)


@given(acts)
def test_it_is_a_sorted_list(acts):
    frontier, model = Frontier(2, 1), []
    for act, what in acts:
        if act == "add":
            bounds = np.array(what, dtype=float)
            low = np.column_stack([bounds, bounds + 1])  # every box tells its bound, so that rows cannot be mixed up
            frontier.add(bounds, np.full(len(bounds), 3), low, low + 7, (bounds > 0)[:, None])
            model += what
        elif act == "pop":
            bounds, columns, low, high, cuts = frontier.pop(what)
            model.sort()
            assert sorted(bounds) == model[:what]
            model = model[what:]
            np.testing.assert_array_equal(low[:, 0], bounds)
            np.testing.assert_array_equal(high, low + 7)
            np.testing.assert_array_equal(cuts[:, 0], bounds > 0)
            assert (columns == 3).all()
        else:
            frontier.prune(what)
            model = [bound for bound in model if bound < what]
        assert len(frontier) == len(model)
        assert frontier.lowest == min(model, default=np.inf)
