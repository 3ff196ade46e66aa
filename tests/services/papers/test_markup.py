from hypothesis import given, strategies as st

from services.papers.markup import Markup, element, joined, text

BAD = ["</script><script>alert(1)</script>", "<!--", "&lt;b&gt;", '"><img src=x>']
HOSTILE = st.one_of(st.text(), st.sampled_from(BAD))


@given(words=HOSTILE)
def test_any_text_is_shown_and_never_obeyed(read_html, words):
    page = read_html("<body>" + element("p", words, title=words) + "</body>")
    assert page.names == {"body", "p"}
    assert list(page.elements[1][1]) == ["title"]
    assert len(page.texts["p"][0]) == len(words) == len(page.elements[1][1]["title"])
    kept = [letter for letter in words if letter.isalnum() or letter in "<>&\"' "]
    assert [letter for letter in page.texts["p"][0] if letter in kept and not letter.isspace()] == [
        letter for letter in kept if not letter.isspace()
    ]


def test_what_turns_text_around_and_what_no_browser_shows_is_a_blank():
    assert text("a\u202eb\u2066c\x00d\x1be\ud800f\tg\nh") == "a b c d e f g\nh"


def test_markup_stays_and_everything_else_is_escaped():
    assert joined(Markup("<b>x</b>"), "<i>", 5, by="&") == "<b>x</b>&amp;&lt;i&gt;&amp;5"
    assert element("br") == "<br>" and element("p", class_=None) == "<p></p>"
    assert element("td", "x", class_="a", aria_label="<", data_x=Markup('"')) == (
        '<td class="a" aria-label="&lt;" data-x="&quot;">x</td>'
    )
