import tomllib
from pathlib import Path

from streamlit import config

ROOT = Path(__file__).parents[2]


def test_messages_are_never_replaced_by_a_hint_at_what_the_browser_had():
    """With them, a slow server refers to a message that the browser has dropped, and the connection is lost."""
    own = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    largest = config.get_option("server.maxMessageSize") * 1e6
    assert own["global"]["minCachedMessageSize"] > largest
