"""The component in a real browser: what it tells of itself, and what it paints."""

from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import expect

from optimizer import Candidates, Generation, LineageState
from ui.charts.style import result_style
from ui.web.live_view.component import Limits, Sent, next_block
from ui.web.live_view.row_block import RowBlock, row_width, thinned

pytestmark = pytest.mark.browser


def ink(stage, canvas="map"):
    """How many pixels of a canvas are painted, weighed by how strongly."""
    script = """canvas => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        let sum = 0;
        for (let i = 3; i < data.length; i += 4) sum += data[i];
        return sum / 255;
    }"""
    return stage.page.locator(f'canvas[data-role="{canvas}"]').evaluate(script)


def painted(stage, colour):
    """How many pixels of the map have a colour, or one that the eye takes for it."""
    script = """(canvas, wanted) => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        let count = 0;
        for (let i = 0; i < data.length; i += 4) {
            count += data[i + 3] > 200 && wanted.every((value, k) => Math.abs(data[i + k] - value) < 12);
        }
        return count;
    }"""
    rgb = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return stage.page.locator('canvas[data-role="map"]').evaluate(script, rgb)


def rest(stage):
    """Wait until nothing moves any more."""
    before = None
    while (now := ink(stage)) != before:
        before = now
        stage.page.wait_for_timeout(250)
    return stage


def on_axes(stage, across, up):
    """Choose axes in their menu."""
    stage.page.locator("[data-role=axes] summary").click()
    stage.page.get_by_label("Horizontal axis of the map").select_option(across)
    stage.page.get_by_label("Vertical axis of the map").select_option(up)
    stage.page.keyboard.press("Escape")
    return stage


def shown(stage, role):
    return stage.page.locator(f'[data-role="{role}"]').is_visible()


def test_counts_and_words_are_those_of_the_run(new_stage, niching):
    scene, rows, generations = niching
    stage = new_stage().send(scene, rows, "done").wait("state", "ended")
    for number in (1, 12, 25, len(generations)):
        stage.seek(number).wait("generation", f"{number}.000")
        seen = generations[:number]
        living = generations[number - 1].n_living
        counts = [int(sum((g.states == state).sum() for g in seen)) for state in LineageState]
        stage.wait("living", living).wait("extinct", counts[LineageState.EXTINCT])
        stage.wait("merged", counts[LineageState.MERGED])
        born = counts[LineageState.BORN]
        words = f"of {born} born" if living else f"all {born} have ended"
        expect(stage.page.locator('[data-role="born"]')).to_have_text(words)
    assert not living  # both were said
    ended = f"{counts[LineageState.EXTINCT]} extinct, {counts[LineageState.MERGED]} merged"
    expect(stage.page.locator('[data-role="ended"]')).to_have_text(ended)
    words = f"14 lineages born: {living} living, {ended.replace(',', ' and')}"
    expect(stage.page.locator('[data-role="summary"]')).to_contain_text(words)
    assert counts[LineageState.MERGED] > 3


def test_a_lineage_that_moved_leaves_a_trail_for_a_while(new_stage, draw):
    block_of, scene_of = draw
    generations = []
    for number in range(12):
        state = (LineageState.BORN, LineageState.IMPROVED, LineageState.STALLED)[min(number, 2)]
        X, score = np.full((1, 2), 9.0 if number else -9.0), np.array([1.0 if number else 5.0])
        best = Candidates(X, score, -score, np.zeros(1))
        generations.append(Generation(number, 100 * (number + 1), np.array([0]), np.array([state]), best))
    stage = new_stage().send(scene_of(), block_of(generations), "done").wait("state", "ended")
    with_trail = ink(rest(stage.seek(2).wait("generation", "2.000")))
    without = ink(rest(stage.seek(11).wait("generation", "11.000")))
    assert with_trail > without + 60


def test_ellipses_turn_between_generations_the_short_way_round(new_stage):
    script = """([p, q, u]) => {
        const [one, other] = [p, q].map(([x, y, a, b, angle]) => ({ x, y, a, b, angle }));
        const { x, y, a, b, angle } = inside.between(one, other, u);
        return [x, y, a, b, angle];
    }"""
    page = new_stage().page
    for p, q, u, wanted in (
        ([0, 0, 4, 1, 0.0], [2, 2, 1, 1, 0.4], 0.5, [1, 1, 2, 1, 0.2]),
        ([0, 0, 1, 1, 1.5], [0, 0, 1, 1, -1.5], 0.5, [0, 0, 1, 1, np.pi / 2]),  # past the upright, not all the way back
        ([0, 0, 1, 1, -1.5], [0, 0, 1, 1, 1.5], 1.0, [0, 0, 1, 1, 1.5 - np.pi]),
        ([0, 0, 2, 0, 0.3], [0, 0, 4, 2, 0.3], 0.5, [0, 0, np.sqrt(8), 1, 0.3]),
    ):
        np.testing.assert_allclose(page.evaluate(script, [p, q, u]), wanted, atol=1e-12)


def test_an_ellipse_is_that_of_the_covariance_and_moves_while_the_lineage_stalls(new_stage, niching):
    scene, rows, _ = niching
    stage = new_stage().send(scene, rows, "done").wait("state", "ended")
    script = """([rows, generations, t]) => {
        const store = inside.createStore(2);
        const encode = (values) => btoa(String.fromCharCode(...new Uint8Array(new Float32Array(values).buffer)));
        inside.merge(store, { after: 0, last: 60, width: store.width, rows: encode(rows),
            generations: encode(generations) });
        const { x, y, a, b, angle } = inside.shapeAt(store, store.byId.get(0), t);
        return [x, y, a, b, angle];
    }"""
    one = rows.rows[rows.rows[:, 1] == 0]
    shapes, given = one[:, -6:], [one.ravel().tolist(), rows.generations.ravel().tolist()]
    for number in (1, 2, 9, 21):
        if number not in one[:, 0]:
            continue
        mine = int(np.flatnonzero(one[:, 0] == number)[0])
        x, y, a, b, angle = stage.page.evaluate(script, [*given, number])
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        covariance = turn @ np.diag([a**2, b**2]) @ turn.T
        xx, xy, yy = shapes[mine, 2:5]
        np.testing.assert_allclose(covariance, [[xx, xy], [xy, yy]], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose([x, y], shapes[mine, :2], rtol=1e-5)
    assert (one[:, 2] == LineageState.STALLED).any()
    assert len({tuple(shape) for shape in shapes[:, 2:5].tolist()}) == len(shapes)


def test_ellipses_are_drawn_where_they_are_known_and_only_there(new_stage, niching):
    scene, rows, _ = niching
    painted, bare = {}, replace(rows, rows=rows.rows.copy())
    bare.rows[:, -9:] = np.nan
    for name, given in (("with", rows), ("without", bare)):
        stage = new_stage().send(scene, given, "done").wait("state", "ended").seek(8)
        assert not shown(stage, "legend-shape")  # on two features of which none are known
        painted[f"{name}, on features"] = ink(rest(stage))
        on_axes(rest(stage), "component-0", "component-1")
        rest(stage)
        assert shown(stage, "legend-shape") == (name == "with")
        painted[name] = ink(stage)
    assert painted["with"] > painted["without"] + 500
    assert painted["with, on features"] == pytest.approx(painted["without, on features"], rel=1e-3)


def test_ellipses_are_drawn_on_the_pair_of_features_that_the_map_begins_with(new_stage, niching):
    scene, rows, _ = niching
    amounts, paired = [], replace(rows, rows=rows.rows.copy())
    paired.rows[:, -9:-6] = [9.0, 0.0, 1.0]
    for given in (rows, paired):
        stage = new_stage().send(replace(scene, axes=(0, 1)), given, "done").wait("state", "ended").seek(8)
        amounts.append(ink(rest(stage)))
        assert shown(stage, "legend-shape") == (given is paired)
    assert amounts[1] > amounts[0] + 500
    on_axes(stage, "feature-1", "feature-0")  # turned, they are as large
    assert ink(rest(stage)) == pytest.approx(amounts[1], rel=0.2)
    on_axes(stage, "feature-1", "outcome")
    rest(stage)
    assert not shown(stage, "legend-shape")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_results_have_the_colours_that_they_have_everywhere(new_stage, niching, theme):
    scene, rows, _ = niching
    colours = [result_style(number).colour for number in (1, 2)]
    amounts = []
    for n_results in (0, 2):
        results = scene.recorded[:n_results] if n_results else None
        stage = rest(new_stage(theme).send(scene, rows, "done", representatives=results).wait("state", "ended"))
        assert shown(stage, "legend-results") == (n_results > 0)
        amounts.append([painted(stage, colour) for colour in colours])
    without, with_results = np.array(amounts)
    assert (with_results > without + 30).all()


def test_merged_lineages_have_a_sign_of_their_own(new_stage, niching):
    scene, rows, _ = niching
    stage = rest(new_stage().send(scene, rows, "done").wait("state", "ended"))
    assert shown(stage, "legend-merged")
    merged = rows.rows[:, 2] == LineageState.MERGED
    as_extinct = rows.rows.copy()
    as_extinct[merged, 2] = LineageState.EXTINCT
    counts = rows.generations.copy()
    counts[:, 3], counts[:, 4] = counts[:, 3] + counts[:, 4], 0
    other = rest(new_stage().send(scene, RowBlock(as_extinct, counts), "done").wait("state", "ended"))
    assert not shown(other, "legend-merged")
    assert abs(ink(stage) - ink(other)) > 20


def test_a_merged_lineage_flows_into_its_holder_unless_motion_is_reduced(new_stage, niching):
    scene, rows, _ = niching
    row = rows.rows[rows.rows[:, 2] == LineageState.MERGED][0]
    number = int(row[0])
    pictures = []
    for motion in ("no-preference", "reduce"):
        stage = new_stage(reduced_motion=motion).send(scene, rows, "done").wait("state", "ended")
        rest(stage.seek(number))
        pictures.append(ink(stage))
        assert stage.tell("merged") == str(int(rows.generations[number - 1, 4]))
    assert pictures[0] > pictures[1]


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_nothing_is_drawn_again_where_nothing_moves(new_stage, niching, motion):
    scene, rows, _ = niching
    stage = rest(new_stage(reduced_motion=motion).send(scene, rows, "done").wait("state", "ended"))
    stage.page.wait_for_timeout(1500)  # colours and sentences fade in
    count = """() => new Promise((done) => {
        let asked = 0;
        const ask = window.requestAnimationFrame;
        window.requestAnimationFrame = (draw) => { asked += 1; return ask(draw); };
        setTimeout(() => done(asked), 500);
    })"""
    assert stage.page.evaluate(count) <= 1


def test_lineages_without_gaussians_are_drawn_as_before(new_stage, niching, draw):
    scene, _, generations = niching
    block_of, _ = draw
    plain = block_of([g.without_shapes() for g in generations if (g.states != LineageState.MERGED).all()])
    assert plain.sent_rows.shape[1] == row_width(2) - 9
    stage = rest(new_stage("dark").send(scene, plain, "done").wait("state", "ended"))
    assert not shown(stage, "legend-shape") and not shown(stage, "legend-merged")
    assert ink(stage) > 500 and ink(stage, "board") > 500


def test_pieces_come_in_any_order_and_gaps_are_asked_for(new_stage, niching):
    scene, rows, generations = niching
    last = len(generations)
    stage = new_stage()
    stage.send(scene, rows.after(20), "running")
    assert stage.told == [[0]]  # nothing is known yet, not even recorded rows
    first = RowBlock(rows.rows[rows.rows[:, 0] <= 20], rows.generations[:20])
    stage.send(scene, first, "running", is_new=True).wait("generations", "20")
    stage.send(scene, rows.after(30), "running")
    assert stage.told[-1] == [20]
    stage.send(scene, rows.after(15), "running").wait("generations", str(last))
    stage.send(scene, first, "running").wait("generations", str(last))
    stage.send(scene, rows.after(last), "done").wait("state", "ended")
    stage.wait("generation", f"{last}.000").wait("living", generations[-1].n_living)
    assert len(stage.told) == 2


def test_a_thinned_run_is_drawn_in_full_once_it_has_ended_and_stays_at_its_place(new_stage, niching):
    scene, rows, generations = niching
    last, stage, sent = len(generations), new_stage(), Sent()
    first = RowBlock(rows.rows[rows.rows[:, 0] <= 3], rows.generations[:3])
    piece, sent = next_block(sent, first, is_final=False)
    stage.send(scene, piece, is_new=True)
    piece, sent = next_block(sent, rows, is_final=False, news=Limits(6, 3_000))
    stage.send(scene, piece).wait("generations", str(last))
    assert int(stage.tell("drawn")) <= 9
    stage.page.get_by_role("button", name="Pause", exact=True).click()
    before = float(stage.tell("generation"))
    piece, sent = next_block(sent, rows, is_final=True)
    stage.send(scene, piece, "done").wait("drawn", str(last))
    assert float(stage.tell("generation")) == pytest.approx(before, abs=1e-3)


def test_a_run_of_a_hundred_thousand_generations_can_be_seen(new_stage, draw):
    """Numbers are those of the whole run, the slider goes over the drawn generations, the rest is counted in words."""
    _, map_scene = draw
    n, rng = 100_000, np.random.default_rng(0)
    events = np.full((2 * n, row_width(2)), np.nan, dtype=np.float32)
    events[:, 0] = np.repeat(np.arange(1, n + 1), 2)
    events[:, 1] = np.maximum(np.column_stack([np.arange(n), np.arange(n) - 30]).ravel(), 0)
    events[:, 2] = np.tile([0, 3], n)
    events[:, 3:10] = rng.normal(size=(2 * n, 7))
    events = events[(events[:, 2] == 0) | (events[:, 0] > 30)]
    numbers = np.arange(1, n + 1)
    ended = np.maximum(numbers - 30, 0)
    rows = RowBlock(events, np.column_stack([numbers, 10 * numbers, numbers, ended, 0 * numbers, 0 * numbers]))
    piece = thinned(rows, 1_000, 12_000)
    stage = rest(new_stage().send(map_scene(), piece, "done").wait("state", "ended"))
    assert stage.tell("generation") == "100000.000" and int(stage.tell("drawn")) <= 1_000
    assert (stage.tell("living"), stage.tell("extinct")) == ("30", "99970")
    assert ink(stage, "board") < 45_000  # not one gray
    stage.seek(int(stage.tell("drawn")) // 2)
    assert float(stage.tell("generation")) == pytest.approx(50_000, rel=0.02)


def test_a_browser_that_holds_too_much_asks_for_the_run_with_less_detail(new_stage, draw):
    _, map_scene = draw
    n = 2_600
    numbers = np.arange(1, n + 1)
    events = np.zeros((n, row_width(2)), dtype=np.float32)
    events[:, -9:] = np.nan
    events[:, 0], events[:, 2] = numbers, np.where(numbers > 1, LineageState.IMPROVED, LineageState.BORN)
    events[:, 3] = -numbers
    rows = RowBlock(events, np.column_stack([numbers, numbers, 0 * numbers + 1, 0 * numbers, 0 * numbers, 0 * numbers]))
    stage = new_stage().send(map_scene(), rows, "running").wait("generations", str(n))
    assert stage.told == [[0]]
    more = np.column_stack([[n + 1.0], [n + 1.0], [1.0], [0.0], [0.0], [0.0]])
    whole = rows.joined(RowBlock(rows.rows[:0], more))
    piece, _ = next_block(Sent(0), whole, is_final=False)
    stage.send(map_scene(), piece).wait("generations", str(n + 1))
    assert int(stage.tell("drawn")) <= 1_000


def test_another_edition_replaces_what_was_told(new_stage, niching):
    scene, rows, generations = niching
    last = len(generations)
    stage = new_stage().send(scene, rows, "running").wait("drawn", str(last))
    fewer = replace(thinned(rows, 10, 40), edition=1)
    for _ in range(2):
        stage.send(scene, fewer, "running").wait("drawn", str(len(fewer.generations)))
    assert stage.told == []
