"""Pages of six answers in Chromium: nothing is fetched, nothing overflows, every chart is drawn, and printed too.

Chromium is Debian's, or the one that the variable TERTIUS_CHROMIUM names; it is not downloaded. Rules of accessibility
are axe-core's, as axe-playwright-python carries them.
"""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import tertius
from tertius.errors import TertiusWarning
from tertius.report.colours import COLOURS

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: pip install '.[test]'")

CHROMIUM = os.environ.get("TERTIUS_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ANSWERS = ("chronicle", "certified", "climbed", "pairs", "camps", "checked")
SIZES = ((1280, "light"), (1280, "dark"), (390, "light"), (390, "dark"))
PAPER = {
    scheme: f"rgb({', '.join(str(int(COLOURS['paper'][k][at : at + 2], 16)) for at in (1, 3, 5))})"
    for k, scheme in enumerate(("light", "dark"))
}

RUN = "window.owned = (window.owned || 0) + 1"
HOSTILE = f"""<script>{RUN}</script> Cooperation between Russia and China has soared since 2021.

By <b onmouseover="{RUN}">Eve</b>

3 July 2022

Cooperation <img src="x" onerror="{RUN}"> between Russia and China has soared since 2021. [Hostility](javascript:{RUN})
between the United States and Russia has mounted since 2021 </script><script>{RUN}</script>. Putin wants "respect'>.
Washington drives Moscow and Beijing together. <svg onload="{RUN}"> <a href="javascript:{RUN}">Russia met China.</a>
"""
NO_TURN = """
window.setTimeout = () => 0;  // so that no chart has had its turn when the page is printed
addEventListener("afterprint", () => {
  window.printed = [...document.querySelectorAll(".chart")].map(c => c.querySelector("svg.marks")?.outerHTML ?? "");
});
"""

Colours = tuple[set[str], bool, bool]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt install chromium, or TERTIUS_CHROMIUM"),
]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Name of an answer -> its page: hand-picked events; a certificate with pictures; a ladder; many pairs; camps."""
    folder = tmp_path_factory.mktemp("pages")
    frame = tertius.simulate(16, 900, seed=2).to_frame("pyarrow")
    asked: dict[str, tuple[str, str, Any, dict[str, Any]]] = {
        "chronicle": ("RUS", "PRK", "chronicle", {}),
        "certified": ("A00", "A01", frame, {"period": "1mo", "permutations": 5}),
        "climbed": ("A00", "A02", frame, {"period": "1mo", "ladder": True, "certificate": False}),
    }
    written = {}
    for name, (a, b, data, options) in asked.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", TertiusWarning)
            written[name] = tertius.write_report(tertius.explain(a, b, data, **options), folder / f"{name}.html")
        camps = tertius.balance("chronicle", window="5y", draws=20)
        for name, answer in (("pairs", tertius.Study.open("chronicle").pairs()), ("camps", camps)):
            written[name] = tertius.write_report(answer, folder / f"{name}.html")
        written["checked"] = tertius.write_report(checked(), folder / "checked.html")
    return written


def checked() -> Any:
    """A hostile article on rows whose addresses are hostile too."""
    rows = [
        {"date": f"20{y}-{m:02d}-{d:02d}", "source": a, "target": b, "quad": quad, "url": url}
        for y in range(17, 23)
        for m in range(1, 13)
        for d, url in ((3, f"javascript:{RUN}"), (14, "https://example.org/a"), (25, f"data:text/html,<script>{RUN}"))
        for a, b, quad in (("RUS", "CHN", 1), ("USA", "RUS", 3), ("USA", "CHN", 3))
        if y >= 21 or d == 14 or quad == 3
    ]
    return tertius.check(text=HOSTILE, data=pd.DataFrame(rows), written="2022-07-03", cache=False)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


class Opened:
    """A page that is open offline, with what it asked for and what it complained of."""

    def __init__(self, browser: Any, path: Path, width: int = 1280, scheme: str = "light", first: str = "") -> None:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
        if first:
            context.add_init_script(first)
        self.page = context.new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(path.as_uri())

    def unfold(self) -> None:
        for part in self.page.locator("details.whole").all():
            part.evaluate("part => { part.open = true; }")

    def all_drawn(self) -> int:
        """Wait for every chart, and count them."""
        charts = self.page.locator("script[data-chart]").count()
        playwright.expect(self.page.locator("script[data-drawn=done]")).to_have_count(charts)
        assert self.page.locator(".chart > svg, .chart .chart-wrapper > svg").count() == charts
        return charts

    def colours(self, awaited: Colours) -> Colours:
        """The colours behind the charts, and whether the ink of light and of dark charts is in them: as awaited, or
        what they are after five seconds."""
        for _ in range(100):
            found = self._colours()
            if found == awaited:
                break
            self.page.wait_for_timeout(50)
        return found

    def _colours(self) -> Colours:
        behind = "() => [...document.querySelectorAll('svg.marks')].map(s => getComputedStyle(s).backgroundColor)"
        drawn = "() => [...document.querySelectorAll('svg.marks')].map(s => s.outerHTML).join()"
        text = self.page.evaluate(drawn)
        light, dark = COLOURS["ink"]
        return set(self.page.evaluate(behind)), light in text, dark in text


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_a_page_asks_for_nothing_fits_and_draws_every_chart(
    browser: Any, pages: dict[str, Path], name: str, width: int, scheme: str
) -> None:
    opened = Opened(browser, pages[name], width, scheme)
    opened.unfold()
    assert opened.all_drawn() >= (2 if name in ("pairs", "checked") else 3)
    assert [url for url in opened.asked if not url.startswith("data:")] == [pages[name].as_uri()]
    assert opened.complaints == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") == width
    for chart in opened.page.locator(".chart").all():
        assert chart.evaluate("c => c.querySelector('svg.marks').getBoundingClientRect().width <= c.clientWidth")


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_a_page_breaks_no_rule_of_accessibility(
    browser: Any, pages: dict[str, Path], name: str, width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    opened = Opened(browser, pages[name], width, scheme)
    opened.unfold()
    opened.all_drawn()
    found = axe.Axe().run(opened.page).response["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_printed_at_once_a_page_has_all_its_charts_in_light(
    browser: Any, pages: dict[str, Path], name: str, scheme: str
) -> None:
    opened = Opened(browser, pages[name], scheme=scheme, first=NO_TURN)
    assert opened.page.locator("svg.marks").count() == 0
    assert opened.page.pdf().startswith(b"%PDF")
    drawn = opened.page.evaluate("() => printed")
    assert len(drawn) == opened.page.locator("script[data-chart]").count()
    light, dark = COLOURS["ink"]
    assert all(light in svg and dark not in svg for svg in drawn)
    assert opened.complaints == []


def test_charts_have_the_colours_of_the_screen_and_of_paper(browser: Any, pages: dict[str, Path]) -> None:
    opened = Opened(browser, pages["certified"], scheme="dark")
    opened.unfold()
    opened.all_drawn()
    dark, light = ({PAPER["dark"]}, False, True), ({PAPER["light"]}, True, False)
    assert opened.colours(dark) == dark
    opened.page.emulate_media(media="print")
    assert opened.colours(light) == light
    opened.page.emulate_media(media="screen")
    assert opened.colours(dark) == dark
    opened.page.emulate_media(color_scheme="light")
    assert opened.colours(light) == light


def test_a_title_is_one_line_at_1280_and_the_contents_stand_beside(browser: Any, pages: dict[str, Path]) -> None:
    wide, narrow = (Opened(browser, pages["certified"], width) for width in (1280, 390))
    for opened in (wide, narrow):
        opened.unfold()
        opened.all_drawn()
    titles = wide.page.locator(".chart .role-title-text > text")
    assert titles.count() == wide.page.locator(".chart").count()
    assert titles.locator("tspan").count() == 0
    side = wide.page.locator("nav.side").bounding_box()
    assert side is not None
    assert side["x"] > 900
    assert side["y"] < 300
    assert wide.page.locator("nav.side a").first.is_visible()
    assert not narrow.page.locator("nav.side a").first.is_visible()


def test_nothing_of_a_hostile_article_runs_and_its_addresses_are_no_links(browser: Any, pages: dict[str, Path]) -> None:
    opened = Opened(browser, pages["checked"])
    opened.unfold()
    opened.all_drawn()
    assert opened.page.locator("mark").count() >= 2
    for link in opened.page.locator(".passage a").all():
        link.click()
    opened.page.mouse.move(300, 300)
    assert opened.page.evaluate("window.owned") is None
    planted = "a[href^='javascript'], a[href^='data'], main img, main svg[onload], [onmouseover]"
    assert opened.page.locator(planted).count() == 0
    assert opened.page.locator("a[href='https://example.org/a']").count() > 0
    assert "<script>" in opened.page.locator("body").inner_text()  # as text
    assert opened.complaints == []


def test_cards_are_chosen_by_their_verdict_without_a_script(browser: Any, pages: dict[str, Path]) -> None:
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(pages["checked"].as_uri())
    cards = page.locator(".card:visible")
    every = cards.count()
    page.locator("input[name=choice][value='2']").check()
    groups = {card.get_attribute("data-group") for card in cards.all()}
    assert groups == {"2"}
    assert 0 < cards.count() < every
    page.locator("input[name=choice][value='0']").check()
    assert cards.count() == every
    context.close()
