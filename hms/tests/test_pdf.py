"""PDFs: in any of our fonts' scripts, tagged, with data printed as it is; and the fonts are those that were fetched."""

import hashlib
import json
import re
import zlib

import pytest
import typst
from django.conf import settings

from hms.lib import pdf

MANIFEST = json.loads((pdf.FONTS / "manifest.json").read_text())
TEMPLATE = settings.BASE_DIR / "templates/pdf/copy.typ"
EMPTY = {
    "title": "A title",
    "lang": "en",
    "hospital": "A hospital",
    "footer": "Foot",
    "lead": "Lead",
    "facts": [],
    "sections": [],
}


def fonts_in(document):
    """The names of the fonts that a PDF uses."""
    streams = [zlib.decompress(found) for found in re.findall(rb"stream\r?\n(x\x9c.*?)endstream", document, re.DOTALL)]
    return set(re.findall(rb"NotoSans[A-Za-z]*-[A-Za-z]+", document + b"".join(streams)))


def test_fonts_are_those_that_were_fetched_and_few():
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in pdf.FONTS.glob("*.ttf")}
    assert sums == {name: digest for entry in MANIFEST.values() for name, digest in entry["sha256"].items()}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", entry["version"]) for entry in MANIFEST.values())
    assert sum(path.stat().st_size for path in pdf.FONTS.glob("*.ttf")) < 2.5 * 2**20
    assert "SIL Open Font License" in (pdf.FONTS / "LICENSE").read_text()


def test_only_our_own_fonts_are_used():
    assert pdf.fonts().families() == ["Noto Sans", "Noto Sans Arabic", "Noto Sans Hebrew"]


def test_a_document_is_tagged_and_has_title_and_language():
    document = pdf.render(TEMPLATE, EMPTY)
    for part in (b"/StructTreeRoot", b"/Marked true", b"/Lang(en)", b"/Title(A title)", b"<pdfuaid:part>1<"):
        assert part in document


@pytest.mark.parametrize(
    ("words", "font"),
    [
        ("Größe, Ελληνικά, кириллица", b"NotoSans-Regular"),
        ("صداع شديد منذ ثلاثة أيام", b"NotoSansArabic-Regular"),
        ("मुझे तीन दिनों से बुखार है", b"NotoSans-Regular"),
        ("שלום עולם", b"NotoSansHebrew-Regular"),
    ],
)
def test_every_script_has_its_font(words, font):
    document = pdf.render(TEMPLATE, EMPTY | {"facts": [["Words", words]]})
    assert font in fonts_in(document)
    assert b"<pdfuaid:part>1<" in document  # only where no letter is missing


@pytest.mark.parametrize(
    "words",
    [
        "#panic()",
        "$ x",
        "*bold",
        "`raw",
        "[",
        "\\",
        "= heading",
        '"',
        "@label",
        "<label>",
        '#read("/etc/passwd")',
        "//",
    ],
)
def test_data_is_printed_and_never_read_as_markup(words):
    section = {"title": words, "note": words, "entries": [{"title": words, "facts": [[words, words]]}]}
    data = EMPTY | {"title": words, "footer": words, "lead": words, "sections": [section]}
    assert pdf.render(TEMPLATE, data).startswith(b"%PDF-")


@pytest.mark.parametrize("words", ["中文 🙂", "a\x01b\x00c", "\ue000\uffff\u202e", "x" * 5000, "", "\n\n"])
def test_whatever_was_typed_the_document_comes_into_being(words):
    data = EMPTY | {"facts": [["Words", words]]}
    assert pdf.render(TEMPLATE, data).startswith(b"%PDF-")


def test_a_template_and_data_that_do_not_fit_are_a_bug():
    with pytest.raises(typst.TypstError):
        pdf.render(TEMPLATE, {"title": "alone"})
