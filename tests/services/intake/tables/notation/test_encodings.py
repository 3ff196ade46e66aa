"""Old encodings are told apart by the letters that their bytes become."""

import pytest

from services.intake.tables.notation.encodings import ENCODINGS, first_foreign_word, mended_utf8, sniff_encoding
from services.intake.tables.reading import read_table

WESTERN = ("cp1252", "mac_roman", "cp850", "cp437")
TEXTS = {
    "German": ("Härte;Kühlung;Öl\n1;2;3\n", (*WESTERN, "cp1250")),
    "one umlaut": ("Härte;y\n1;2\n", WESTERN),
    "one other umlaut": ("Flüssigkeit;y\n1;2\n", WESTERN),
    "sharp s": ("Größe;y\n1;2\n", WESTERN),
    "capital": ("Öl;y\n1;2\n", WESTERN),
    "degree": ("T [°C];y\n1;2\n", WESTERN),
    "degree and micro": ("Temp (°C);d (µm);y\n1;2;3\n", WESTERN),
    "plus or minus": ("y\n40 ± 2\n41 ± 2\n", WESTERN),
    "powers": ("A [m²];V [m³];y\n1;2;3\n", ("cp1252", "cp850")),
    "French": ("Température;Résistance;durée de séchage\n1;2;3\n", WESTERN),
    "one French word": ("Débit;y\n1;2\n", WESTERN),
    "Spanish": ("Presión;Año;y\n1;2;3\n", WESTERN),
    "Portuguese": ("Pressão;Duração;y\n1;2;3\n", ("cp1252", "mac_roman", "cp850")),
    "Swedish": ("Tryck;Hållfasthet;Mängd\n1;2;3\n", WESTERN),
    "Danish": ("Mængde;Tørring;Prøve\n1;2;3\n", ("cp1252", "mac_roman", "cp850")),
    "Polish": ("Próbka;Wydajność;Ciśnienie\n1;2;3\n", ("cp1250",)),
    "Czech": ("Výtěžek;Teplota;Čas míchání\n1;2;3\n", ("cp1250",)),
    "Hungarian": ("Hőmérséklet;nyomás;idő\n1;2;3\n", ("cp1250",)),
    "Croatian": ("Čvrstoća;Količina;y\n1;2;3\n", ("cp1250",)),
    "Russian": ("Температура;Давление;Выход\n1;2;3\n", ("cp1251",)),
    "Japanese": ("サンプル,温度(℃),時間,収率(%)\nA,60,1.5,80\n", ("cp932", "gb18030")),
    "Japanese without kana": ("温度,圧力,収率\n60,1.5,80\n", ("cp932",)),
    "Chinese": ("样品,温度（℃）,时间（h）,强度\nA,60,1.5,80\n", ("gb18030",)),
    "short Chinese": ("y,水泥,砂\n1,2,3\n", ("gb18030",)),
    "Chinese beside Latin": ("pH值,密度,y\n1,2,3\n", ("gb18030",)),
    "money": ("Preis;y\n€ 10,50;2\n€ 11,50;3\n", ("cp1252", "mac_roman", "cp1250")),
    "names": ("name;y\nMüller & Söhne;2\nCafé;3\n", WESTERN),
}
CASES = [(text, encoding) for text, encodings in TEXTS.values() for encoding in encodings]
NAMES = [f"{name}, {encoding}" for name, (_, encodings) in TEXTS.items() for encoding in encodings]


@pytest.mark.parametrize(("text", "encoding"), CASES, ids=NAMES)
def test_every_letter_is_read_as_it_was_written(text, encoding):
    data = text.encode(encoding)
    assert data.decode(sniff_encoding(data)) == text


@pytest.mark.parametrize(("text", "encoding"), CASES, ids=NAMES)
def test_what_is_no_utf8_is_never_silently_so(text, encoding):
    notices = " ".join(read_table(text.encode(encoding), "a.csv").notices)
    assert "The file is not UTF-8, so it was read as" in notices
    assert f"such as '{first_foreign_word(text)}'" in notices


def test_utf8_and_its_marks_need_no_guess():
    for encoding in ("utf-8", "utf-8-sig"):
        assert sniff_encoding("Härte,y\n1,2\n".encode(encoding)) == "utf-8"
    assert sniff_encoding("x,y\n1,2\n".encode("utf-16")) == "utf-16"
    assert sniff_encoding("x,y\n1,2\n".encode("utf-16-be")) == "utf-16-be"
    assert sniff_encoding(b"x,y\n1,2\n") == "utf-8"


def test_one_accent_in_the_last_row_of_a_long_file_is_found():
    data = b"x;y\n" + b"1,5;2,5\n" * 50_000 + "1;Härte\n".encode("mac_roman")
    assert sniff_encoding(data) == "mac_roman"


def test_utf8_with_one_damaged_letter_is_utf8_all_the_same():
    data = "Härte,Größe,Fläche,Öl,Kühlung,Maß\n".encode() + b"1,2,3,4,5,6\n1,2,3,4,5,\xe4\n"
    assert sniff_encoding(data) == "utf-8"
    assert mended_utf8(data).count("\ufffd") == 1
    assert any("letters are damaged in the file" in notice for notice in read_table(data, "a.csv").notices)
    assert mended_utf8("Härte\n".encode("cp1252")) == ""


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_choice_is_one_that_python_knows(encoding):
    assert "1;2".encode(encoding).decode(encoding) == "1;2"
