"""Several script files as the one that a component takes."""

import re


def bundle_scripts(sources: list[str]) -> str:
    """Return one JavaScript module made of several.

    A component takes a single script, and a script given as text has no address that an `import` could start from.
    So imports between the files go, exports other than the default one lose the keyword, and, as the script travels
    with every message, lines that are comments go as well as indentation.
    """
    text = re.sub(r"^import\s[^;]*;$", "", "\n".join(sources), flags=re.MULTILINE)
    text = re.sub(r"^export (?!default)", "", text, flags=re.MULTILINE)
    text = re.sub(r"^\s*/\*\*.*?\*/\s*$", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))
