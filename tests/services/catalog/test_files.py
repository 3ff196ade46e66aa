import pytest

from services.catalog.files import file_stem


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Strong concrete that can be mixed", "strong-concrete-that-can-be-mixed"),
        ("../../etc/passwd", "etc-passwd"),
        ("<img src=x>", "img-src-x"),
        ("Überdruck 5 °C", "berdruck-5-c"),
        ("", "results"),
        ("…", "results"),
        ("x" * 200, "x" * 60),
    ],
)
def test_files_get_a_name_that_every_system_takes(name, stem):
    assert file_stem(name) == stem
