"""`make pictures LANGUAGE=fi`: a picture of each kind of page, named as in the spreadsheet of a translation.

They show the report that `make demo` made of a company with findings of many kinds, everything unfolded.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from presync import settings
from presync.cli.exit_codes import WRONG_USAGE
from presync.cli.translations import PAGES
from presync.languages.speaking import LANGUAGES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

REPORT: Final = settings.HOME / "data/demo/reports/saimaa/latest"
TARGET: Final = settings.HOME / "data/pictures"
_FILES: Final = {**{page: page for page in PAGES}, "suite": "suites/customers"}


def take_pictures(browser: Browser, report: Path, language: str, target: Path) -> list[Path]:
    """Write a picture of each kind of page of a report into a folder; return the files."""
    target.mkdir(parents=True, exist_ok=True)
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    for name, file in _FILES.items():
        spoken = report / f"{file}.{language}.html"
        page.goto((spoken if spoken.is_file() else report / f"{file}.html").resolve().as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
        page.screenshot(path=target / f"{name}.png", full_page=True)
    page.close()
    return [target / f"{name}.png" for name in _FILES]


def main(language: str) -> int:
    """Take the pictures of one language; return the command's exit code."""
    from tests.support.browsers import chromium

    if language not in LANGUAGES or not REPORT.is_dir():
        sys.stderr.write(f"usage: make demo, then make pictures LANGUAGE={'|'.join(LANGUAGES)}\n")
        return WRONG_USAGE
    with chromium() as browser:
        for file in take_pictures(browser, REPORT, language, TARGET / language):
            sys.stdout.write(f"{file.relative_to(settings.HOME)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main("".join(sys.argv[1:])))
