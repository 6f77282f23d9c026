"""What a printed report says, as pdfium reads it."""
import pypdfium2


def text_of(pdf):
    """The text of all pages of a PDF: its bytes, or the path of its file."""
    return "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf))
