"""What a printed report says, as pdfium reads it."""
import ctypes
import re

import pypdfium2
import pypdfium2.raw as raw


def text_of(pdf):
    """The text of all pages of a PDF: its bytes, or the path of its file."""
    return "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf))


def fonts_of(pdf):
    """PostScript names of the fonts that a PDF embeds, without the marks of subsets."""
    names = set()
    for page in pypdfium2.PdfDocument(pdf):
        for thing in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]):
            font = raw.FPDFTextObj_GetFont(thing.raw)
            size = raw.FPDFFont_GetBaseFontName(font, None, 0)
            name = ctypes.create_string_buffer(size)
            raw.FPDFFont_GetBaseFontName(font, name, size)
            names.add(re.sub(r"^[A-Z]{6}\+", "", name.value.decode()))
    return names


def drawn_letter(pdf, letter, scale=8):
    """The first place of a letter as it is drawn: a gray picture of its box; nothing where the text has none."""
    for page in pypdfium2.PdfDocument(pdf):
        text = page.get_textpage()
        at = next((at for at in range(text.count_chars()) if raw.FPDFText_GetUnicode(text.raw, at) == ord(letter)), None)
        if at is not None:
            left, bottom, right, top = (edge * scale for edge in text.get_charbox(at))
            height = page.get_height() * scale
            picture = page.render(scale=scale).to_pil().convert("L")
            return picture.crop((int(left) - 1, int(height - top) - 1, int(right) + 2, int(height - bottom) + 2))
    return None
