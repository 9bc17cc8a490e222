"""axe-core (https://github.com/dequelabs/axe-core, MPL-2.0) run over a page that a browser shows."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

FAILED = ("violations", "incomplete")


def complaints(page: Page) -> list[str]:
    """Return what axe-core has against the page, with every fold open: WCAG 2 A and AA, best practice.

    What it cannot decide by itself is a complaint, too, but for text on an SVG's shapes: no text of ours lies
    on one, which axe-core does not see.
    """
    page.evaluate("for (const fold of document.querySelectorAll('details')) { fold.open = true; }")
    page.evaluate(_axe())
    results = page.evaluate("axe.run(document, {resultTypes: ['violations', 'incomplete']})")
    if not results["passes"]:
        raise AssertionError(f"axe-core examined nothing of {page.url}")
    found = [(result, node) for kind in FAILED for result in results[kind] for node in result["nodes"]]
    return [_told(page, result, node) for result, node in found if not _on_drawing(result, node)]


@cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def _on_drawing(result: dict[str, Any], node: dict[str, Any]) -> bool:
    return result["id"] == "color-contrast" and str(node["html"]).startswith("<text")


def _told(page: Page, result: dict[str, Any], node: dict[str, Any]) -> str:
    address = page.url.rsplit("/reports/", 1)[-1]
    return f"{address}: {result['id']} ({result['help']}): {node['html'][:200]}"
