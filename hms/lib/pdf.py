"""PDFs by Typst: tagged, in any of our fonts' scripts, with nothing loaded from the machine or the network.

    pdf.render(Path("templates/pdf/copy.typ"), {"title": "…", "lang": "en"})

The data reaches the template as `json(bytes(sys.inputs.data))`: strings are printed as they are, never read as markup.
A template may import those beside it; what all of them share stands in _page.typ.
"""

import json
from functools import cache
from pathlib import Path

import typst

FONTS = Path(__file__).resolve().parent.parent / "fonts"
STANDARD = "ua-1"  # PDF/UA: everybody can have it read aloud
NO_GLYPH = "could not be displayed"


@cache
def fonts():
    """Our own fonts alone, so that a document looks the same on every machine."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])


def render(template, data, *, images=False):
    """The PDF that a Typst template makes of some plain values, as bytes; with `images`, its pages as PNGs in a list.

    Raises typst.TypstError when template and data do not fit: a bug.
    """
    template = Path(template)
    inputs = {"data": json.dumps(data, ensure_ascii=False, default=str)}
    compiler = typst.Compiler(str(template), root=str(template.parent), font_paths=fonts(), sys_inputs=inputs)
    if images:
        pages = compiler.compile(format="png", ppi=80)
        return pages if isinstance(pages, list) else [pages]
    try:
        return compiler.compile(format="pdf", pdf_standards=[STANDARD])
    except typst.TypstError as error:
        if NO_GLYPH not in str(error):
            raise
    return compiler.compile(
        format="pdf"
    )  # a letter that none of our fonts has is an empty box: better than no document
