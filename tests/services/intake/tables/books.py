"""Workbooks for tests, written by openpyxl."""

import io
from collections.abc import Callable

from openpyxl import Workbook


def workbook(*rows, title="Data", others=()):
    """Return a workbook of one sheet with these rows, and sheets that hold one word."""
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for values in rows:
        sheet.append(values)
    for other in others:
        book.create_sheet(other).append(["other"])
    return saved(book)


def saved(book: Workbook) -> bytes:
    """Return the bytes of a workbook."""
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def made(build: Callable[[Workbook], None]) -> bytes:
    """Return the bytes of a workbook that a function fills."""
    book = Workbook()
    build(book)
    return saved(book)
