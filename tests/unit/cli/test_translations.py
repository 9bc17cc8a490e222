"""A language's texts go to a native reader and come back: every text, and nothing that would break a page."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from presync.cli.main import ERROR, FINE, WRONG_USAGE, main
from presync.languages import catalogues
from presync.languages.catalogues import path_of

FINDINGS, WITHOUT = "%(n)s havaintoa", "havaintoja"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with Finnish of its own, so that the product's stays as it is."""
    own = tmp_path / "languages"
    (own / "fi").mkdir(parents=True)
    (own / "fi" / "presync.po").write_bytes(path_of("fi").read_bytes())
    monkeypatch.setattr(catalogues, "FOLDER", own)
    return own


def edit(path: Path, old: str, new: str | None) -> None:
    book = openpyxl.load_workbook(path)
    cells = [cell for row in book.worksheets[-1].iter_rows() for cell in row if cell.value == old]
    assert cells
    for cell in cells:
        cell.value = new
    book.save(path)


def test_texts_come_back_as_they_went(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    catalogue, sheet = folder / "fi" / "presync.po", tmp_path / "fi.xlsx"
    before = catalogue.read_bytes()
    assert main(["translations", "export", "fi", str(sheet)]) == FINE
    assert main(["translations", "import", "fi", str(sheet)]) == FINE
    assert catalogue.read_bytes() == before
    header, *rows = openpyxl.load_workbook(sheet).worksheets[-1].iter_rows(values_only=True)
    seen = {row[2]: dict(zip(header, row, strict=True)) for row in rows}
    assert (seen["Where you are"]["seen_on"], seen["Where you are"]["picture"]) == (
        "preview.html, questions.html, rules.html, suite.html",
        "preview.png",
    )
    assert [text for text, row in seen.items() if not row["seen_on"]] == []
    edit(sheet, FINDINGS, "%(n)s löydöstä")
    assert main(["translations", "import", "fi", str(sheet)]) == FINE
    assert "1 translations changed" in capsys.readouterr().out
    after = catalogue.read_text(encoding="utf-8")
    assert 'msgstr[1] "%(n)s löydöstä"' in after
    assert 'msgstr[0] "%(n)s havainto"' in after


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ((FINDINGS, WITHOUT), "other placeholders or marks than the English has (%(n)s): %(n)s findings"),
        ((FINDINGS, None), "the translation is empty: %(n)s findings"),
        (("%(n)s findings", "%(n)s things"), "its English was changed; export again: %(n)s things"),
    ],
)
def test_a_row_that_would_break_a_page_is_named_and_nothing_is_taken_over(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: tuple[str, str | None], why: str
) -> None:
    catalogue, sheet = folder / "fi" / "presync.po", tmp_path / "fi.xlsx"
    before = catalogue.read_bytes()
    main(["translations", "export", "fi", str(sheet)])
    edit(sheet, "Sarake", "Palsta")
    edit(sheet, *change)
    assert main(["translations", "import", "fi", str(sheet)]) == ERROR
    assert why in capsys.readouterr().err
    assert catalogue.read_bytes() == before


def test_a_language_or_file_that_cannot_be_is_wrong_usage(tmp_path: Path) -> None:
    assert main(["translations", "export", "en", str(tmp_path / "en.xlsx")]) == WRONG_USAGE
    assert main(["translations", "export", "fi", str(tmp_path / "fi.csv")]) == WRONG_USAGE
