"""The app's own colours as CSS variables, for a page that stands alone."""

import re
import tomllib
from typing import Any

from services.settings import ROOT

CONFIG = ROOT / ".streamlit" / "config.toml"
_KEYS = ("primaryColor", "backgroundColor", "secondaryBackgroundColor", "textColor", "borderColor")
_CAPITAL = re.compile("[A-Z]")
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}")


def theme_css() -> str:
    """Return the colours of the light theme, and those of the dark one for browsers that prefer it."""
    themes = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["theme"]
    light, dark = (_variables(themes[name]) for name in ("light", "dark"))
    return f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"


def _variables(theme: dict[str, Any]) -> str:
    """Return the variables that a component finds in the app: ``primaryColor`` is ``--st-primary-color``."""
    known = {key: str(theme[key]) for key in _KEYS if _COLOUR.fullmatch(str(theme.get(key, "")))}
    names = {key: "--st-" + _CAPITAL.sub(r"-\g<0>", key).lower() for key in known}
    return " ".join(f"{names[key]}: {value};" for key, value in known.items())
