import pytest
from playwright.sync_api import expect

from services.specs.digits import number_words

pytestmark = pytest.mark.browser

SETTING = [60.0, 4.0, 0.0, 7.0]


@pytest.fixture
def theatre(new_theatre, stages):
    """The profiler of the curve over age, at the setting."""
    return new_theatre().send(stages(), SETTING)


def test_it_shows_a_plot_per_feature_and_the_curve(theatre, stages):
    predicted = number_words(stages().explorer.answer(SETTING).outcome.mean[0], 0)
    for name in ("sand", "speed", "resin"):
        expect(theatre.page.get_by_role("region", name=name, exact=True)).to_be_visible()
    assert theatre.page.get_by_role("region", name="age").count() == 0
    expect(theatre.page.get_by_role("heading", name="yield over age")).to_be_visible()
    expect(theatre.page.locator(".figure b").first).to_have_text(predicted)
    expect(theatre.page.get_by_role("spinbutton", name="sand [kg]")).to_have_value("60")
    expect(theatre.page.get_by_role("combobox", name="resin")).to_have_value("0")
    expect(theatre.slider("resin")).to_have_attribute("aria-valuetext", "plain")


def test_keys_move_a_feature_and_ask_about_it(theatre, stages):
    theatre.slider("sand").press("ArrowRight")
    said = theatre.wait_told(1)
    assert said["values"] == [60.2, 4, 0, 7] and said["scene"] == "run" and said["times"] == 1
    theatre.send(stages(), said["values"], number=said["number"], with_scene=False)
    theatre.slider("speed").press("End")
    assert theatre.wait_told(2)["values"] == [60.2, 8, 0, 7]


def test_a_category_moves_from_one_to_the_next(theatre):
    theatre.slider("resin").press("ArrowRight")
    assert theatre.wait_told(1)["values"][2] == 1
    expect(theatre.page.get_by_role("combobox", name="resin")).to_have_value("1")
    theatre.page.get_by_role("combobox", name="resin").select_option("plain")
    theatre.page.wait_for_function("told.at(-1).values[2] === 0")


def test_numbers_are_typed_and_stay_within_the_range(theatre, stages):
    box = theatre.page.get_by_role("spinbutton", name="sand [kg]")
    box.fill("1000")
    box.press("Enter")
    highest = stages().explorer.axes[0].high
    assert theatre.wait_told(1)["values"][0] == pytest.approx(highest)
    expect(box).to_have_value(f"{highest:.1f}")
    box.fill("")
    box.press("Enter")
    expect(box).to_have_value(f"{highest:.1f}")


def test_dragging_asks_one_question_at_a_time_and_the_last_word_at_once(theatre, stages):
    mouse = theatre.page.mouse
    mouse.move(*theatre.place("sand", 0.3))
    mouse.down()
    theatre.wait_told(1)
    for share in (0.4, 0.5, 0.6):
        mouse.move(*theatre.place("sand", share))
    assert len(theatre.told) == 1  # nobody answered yet
    mouse.up()
    said = theatre.wait_told(2)
    axis = stages().explorer.axes[0]
    assert said["values"][0] == pytest.approx(axis.low + 0.6 * (axis.high - axis.low), abs=0.2)
    expect(theatre.page.locator(".profiler")).to_have_attribute("data-ready", "false")
    theatre.send(stages(), said["values"], number=said["number"], with_scene=False)
    expect(theatre.page.locator(".profiler")).to_have_attribute("data-ready", "true")


def test_an_answer_that_was_overtaken_is_dropped(theatre, stages):
    stage = stages()
    theatre.send(stage, [65.0, 4, 0, 7], number=5, with_scene=False)
    later = theatre.page.locator(".figure b").first.text_content()
    theatre.send(stage, [50.0, 1, 0, 7], number=4, with_scene=False)
    expect(theatre.page.locator(".figure b").first).to_have_text(later)


def test_an_answer_does_not_take_the_line_out_of_the_hand(theatre, stages):
    theatre.slider("sand").press("PageUp")
    moved = theatre.wait_told(1)["values"][0]
    theatre.send(stages(), [55.0, 4, 0, 7], number=1, with_scene=False)
    expect(theatre.slider("sand")).to_have_attribute("aria-valuenow", str(moved).removesuffix(".0"))


def test_where_the_page_begins_anew_the_browser_follows(theatre, stages, a_result):
    theatre.send(stages(), [55.0, 2, 1, 7], times=2, with_scene=False, start=a_result([55.0, 2, 1, 7]))
    expect(theatre.slider("sand")).to_have_attribute("aria-valuenow", "55")
    expect(theatre.page.get_by_text("start: Result 2: high sand")).to_be_visible()
    expect(theatre.page.get_by_text("±0 against Result 2")).to_be_visible()


def test_a_locked_feature_stays(theatre):
    lock = theatre.page.get_by_role("button", name="Lock sand")
    lock.click()
    assert theatre.wait_told(1)["locked"] == [0]
    expect(lock).to_have_attribute("aria-pressed", "true")
    expect(theatre.page.get_by_role("spinbutton", name="sand [kg]")).to_be_disabled()
    theatre.slider("sand").press("ArrowRight")
    theatre.page.mouse.click(*theatre.place("sand", 0.9))
    theatre.slider("speed").press("ArrowRight")
    theatre.page.wait_for_function("told.at(-1).values[1] === 5")
    assert theatre.told[-1]["values"][0] == 60
    lock.click()
    theatre.slider("sand").press("ArrowRight")
    theatre.page.wait_for_function("told.at(-1).values[0] > 60")


def test_a_browser_without_the_scene_asks_for_it(new_theatre, stages):
    theatre = new_theatre().send(stages(), SETTING, with_scene=False)
    assert theatre.wait_told(1)["scene"] == ""
    theatre.send(stages(), SETTING)
    expect(theatre.page.get_by_role("region", name="sand")).to_be_visible()


def test_another_run_is_drawn_anew(theatre, stages):
    theatre.send(stages("other", is_swept=False), [52.0, 3.0, 1.0, 7.0])
    expect(theatre.page.get_by_role("region", name="age")).to_be_visible()
    assert theatre.page.locator(".plot.curve").count() == 0
    expect(theatre.slider("sand")).to_have_attribute("aria-valuenow", "52")


def test_it_fits_a_phone(new_theatre, stages):
    theatre = new_theatre(width=390).send(stages(), SETTING)
    assert theatre.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_several_outcomes_are_rows_over_a_column_for_each_feature(new_theatre, rows_stages):
    theatre = new_theatre().send(rows_stages(), [4.0, 6.75])
    page = theatre.page
    assert page.locator(".axes .outcome").all_inner_texts() == ["yield", "waste", "share"]
    expect(page.locator(".axes .bound")).to_have_text("≤ 12")
    expect(page.locator(".figure[data-tone=doubt]", has_text="waste")).to_be_visible()
    expect(page.get_by_text("beyond a limit")).to_be_visible()
    tops = [page.get_by_role("region", name=name).bounding_box()["y"] for name in ("sand", "speed")]
    assert tops[0] == tops[1]


def test_a_feature_is_dragged_in_the_row_of_any_outcome(new_theatre, rows_stages):
    stage = rows_stages()
    theatre = new_theatre().send(stage, [4.0, 6.75])
    box = theatre.page.get_by_role("region", name="speed").locator(".canvas").bounding_box()
    theatre.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] - 60)  # in the lowest row
    said = theatre.wait_told(1)
    axis = stage.explorer.axes[1]
    assert said["values"][0] == 4.0
    assert said["values"][1] == pytest.approx((axis.low + axis.high) / 2, abs=0.5)


def test_more_features_than_fit_are_scrolled_to_and_a_phone_has_them_one_below_the_other(new_theatre, rows_stages):
    stage, setting = rows_stages("many", 10), [5.0] * 12
    theatre = new_theatre().send(stage, setting)
    plots = theatre.page.locator(".plots")
    assert plots.evaluate("box => box.scrollWidth > box.clientWidth")
    assert theatre.page.evaluate("document.documentElement.scrollWidth") <= 1100
    phone = new_theatre(width=390).send(stage, setting)
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(phone.page.locator(".titles")).to_be_hidden()
    tops = [phone.page.get_by_role("region", name=name).bounding_box()["y"] for name in ("sand", "speed")]
    assert tops[1] > tops[0] + 300
