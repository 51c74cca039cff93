"""No page has a serious or critical finding of axe, in either language (WCAG 2.2 A and AA, and best practice).

Contrast is looked at in Chinese alone: colours are the same in both.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser import pages
from tests.browser.conftest import DESK, PHONE, ROOT
from tests.browser.stage import Stage, staged
from tests.browser.steps import Browse
from tests.conftest import empty_database

AXE = (ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js").read_text
FOUND = """async (contrast = true) => {
  const rules = { "color-contrast": { enabled: contrast } };
  const { violations } = await axe.run(document, { resultTypes: ["violations"], rules });
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return grave.flatMap(({ id, nodes }) => nodes.slice(0, 3).map((one) => `${id}: ${one.target} ${one.failureSummary}`));
}"""


@pytest.fixture(scope="session")
def stage(request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    home = tmp_path_factory.mktemp("stage")
    with empty_database(request, "sqlite", home) as url, staged(home, url) as made:
        yield made


@pytest.mark.parametrize("language", pages.LANGUAGES)
@pytest.mark.parametrize("tour", pages.TOURS)
def test_everybody_can_use_every_page(tour: pages.Tour, language: str, stage: Stage, browse: Browse) -> None:
    device = PHONE if tour in pages.ON_PHONE else DESK
    page = browse(language=language, base_url=stage.city.server.url, **device).new_page()
    found = findings(page, tour, stage, language)
    assert not found, "\n".join(found)


def findings(page: Page, tour: pages.Tour, stage: Stage, language: str) -> list[str]:
    """What axe complains of on the pages of a tour, each with the page's name."""
    found: list[str] = []
    seen: list[str] = []
    looker = pages.Looker(page)
    for name in tour(page, stage, pages.saying(language)):
        looker.settle()
        page.evaluate(AXE())
        found += [f"{name}: {one}" for one in page.evaluate(FOUND, language == pages.LANGUAGES[0])]
        seen.append(name)
    assert len(seen) > 5, seen
    return found
