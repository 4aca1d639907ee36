"""A newcomer's tour in a browser: by keyboard alone, narrow and wide, light and dark, with and without scripts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from explorer import Explorer

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: pip install '.[test]'")
CHROMIUM = os.environ.get("TERTIUS_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt install chromium, or TERTIUS_CHROMIUM"),
]
PATHS = (
    "/", "/?a=nort+koria", "/pair/RUS/PRK?data=store", "/pair/RUS/PRK/whatif", "/pair/RUS/PRK/forecast",
    "/pair/RUS/PRK/rows?limit=10", "/actor/RUS?data=store", "/actor/RUS/friends", "/actor/RUS/camps?data=store",
    "/pairs?data=store&top=9", "/camps?data=store&draws=0", "/data?data=store", "/check", "/changes?top=3",
    "/pair/RUS/Narnia",
)  # fmt: skip
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}
"""Rules of axe that look at colours: all that the other colours can break."""
MOST = 6
"""Pages that axe looks at in all four of width and direction; at the others in two, which have both of either."""
Ways = tuple[int, str, bool, str]
WIDTHS, LANGUAGES = (1280, 390), ("en", "ar")
SEEN: tuple[Ways, ...] = tuple((w, "light", js, tag) for w in WIDTHS for js in (True, False) for tag in LANGUAGES)
"""Width, colours, scripts and language; colours are changed on the page."""
WALKED: tuple[Ways, ...] = (
    (1280, "light", True, "en"), (1280, "dark", False, "ar"), (390, "dark", True, "ar"), (390, "light", False, "en"),
)  # fmt: skip
"""Each two of width, colours and scripts together, in both directions."""
SECONDS = 120_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


def called(ways: Ways) -> str:
    width, scheme, scripts, tag = ways
    return f"{width}-{scheme}-{'scripts' if scripts else 'bare'}-{tag}"


@pytest.fixture
def opened(browser: Any, served: Explorer, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A page in a browser; ``page.left`` are requests to elsewhere, ``page.said`` complaints."""
    width, scheme, scripts, tag = getattr(request, "param", WALKED[0])
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=scripts,
        base_url=served.address, locale=tag,
    )  # fmt: skip
    page = context.new_page()
    page.set_default_timeout(SECONDS)
    page.left, page.said = [], []
    own = (served.address, "data:", "blob:")
    page.on("request", lambda r: None if r.url.startswith(own) else page.left.append(r.url))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.on("console", lambda m: page.said.append(m.text) if m.type == "error" and "status of 404" not in m.text else 0)
    yield page
    assert page.left == []
    assert page.said == []
    context.close()


def settled(page: Any) -> None:
    """The answer is there, not how far it is."""
    page.locator("[data-job]").wait_for(state="detached")


@pytest.mark.parametrize("opened", SEEN, indirect=True, ids=called)
def test_axe_finds_nothing_and_nothing_overflows(opened: Any, request: pytest.FixtureRequest) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    width, _, scripts, tag = request.node.callspec.params["opened"]
    every = (width, tag) in ((1280, "en"), (390, "ar"))
    for n, path in enumerate(PATHS):
        opened.goto(path)
        settled(opened)
        assert opened.evaluate("document.documentElement.dir") == ("rtl" if tag == "ar" else "ltr")
        assert opened.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        if not scripts or (n >= MOST and not every):
            continue  # axe is a script; and it takes a second a page
        for scheme, rules in (("light", {}), ("dark", COLOURS)):
            opened.emulate_media(color_scheme=scheme)
            found = axe.Axe().run(opened, options=rules).response["violations"]
            assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == [], (path, scheme)


BROKEN = """() => [...document.querySelectorAll("tbody th")].flatMap((cell) => {
  const walk = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), broken = [];
  while (walk.nextNode()) for (const { 0: word, index } of walk.currentNode.data.matchAll(/\\S+/g)) {
    const range = document.createRange();
    range.setStart(walk.currentNode, index);
    range.setEnd(walk.currentNode, index + word.length);
    if (new Set([...range.getClientRects()].map((r) => r.top)).size > 1) broken.push(word);
  }
  return broken;
})"""
"""Words in the first column that are broken in their middle."""


def test_no_name_is_broken_within_a_word(opened: Any) -> None:
    for path in ("/changes?top=10&lang=de", "/pairs", "/pair/RUS/PRK"):
        opened.goto(path)
        settled(opened)
        assert opened.evaluate(BROKEN) == [], path


@pytest.mark.parametrize("opened", WALKED, indirect=True, ids=called)
def test_from_a_name_to_a_forecast_by_keyboard_alone(opened: Any) -> None:
    def key(*keys: str) -> None:
        for one in keys:
            opened.keyboard.press(one)

    def reach(selector: str) -> None:
        for _ in range(80):
            key("Tab")
            if opened.evaluate("s => document.activeElement.matches(s)", selector):
                outline = opened.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert outline != "none", f"where {selector} is reached cannot be seen"
                return
        raise AssertionError(f"{selector} cannot be reached")

    opened.goto("/?data=chronicle")
    assert opened.evaluate("document.activeElement.name") == "a"  # the first field has the focus
    opened.keyboard.type("Россия")
    key("Tab")
    opened.keyboard.type("nordkorea")
    key("Enter")
    opened.wait_for_url("**/pair/RUS/PRK*")
    settled(opened)
    key("Tab")
    assert opened.evaluate("document.activeElement.className") == "skip"
    reach("nav.beside a[href*='/forecast']")
    key("Enter")
    opened.wait_for_url("**/forecast*")
    settled(opened)
    assert opened.locator("nav.beside [aria-current=page]").get_attribute("href").startswith("/pair/RUS/PRK/forecast")
    reach("a[href*='.bib']")
    opened.goto("/pair/RUS/PRK/whatif?data=chronicle")
    reach("input[name=third]")
    opened.keyboard.type("USA")
    reach("input[name=factor]")
    key("ArrowLeft")
    reach("form.ask button")
    key("Enter")
    opened.wait_for_url("**third=USA*")
    settled(opened)
    rtl = opened.evaluate("document.documentElement.dir") == "rtl"
    assert ("factor=0.55" if rtl else "factor=0.45") in opened.url  # left is more where right is the beginning
    opened.goto("/check?data=chronicle")
    reach("textarea")
    opened.keyboard.insert_text("Cooperation between Russia and North Korea has soared since 2022.")
    reach("form.paste button")
    key("Enter")
    opened.wait_for_url("**/check/*")
    settled(opened)
    assert opened.locator(".card").count() == 1


@pytest.mark.parametrize("opened", [(390, "dark", True, "en"), (390, "light", True, "ar")], indirect=True, ids=called)
def test_a_title_of_a_chart_is_not_cut_and_signs_of_a_legend_are_small(opened: Any) -> None:
    for path in ("/pair/RUS/PRK/forecast", "/pair/USA/GBR/forecast", "/pair/RUS/PRK/trend"):
        opened.goto(path)
        settled(opened)
        opened.locator("figure").first.scroll_into_view_if_needed()
        opened.locator(".chart svg").first.wait_for()
        title = opened.locator(".chart .role-title-text text").first.bounding_box()
        frame, menu = (opened.locator(s).first.bounding_box() for s in (".chart", ".chart summary"))
        assert title["x"] >= frame["x"], path
        assert title["x"] + title["width"] <= (menu["x"] if menu["x"] > title["x"] else frame["x"] + frame["width"]), (
            path
        )
        for sign in opened.locator(".key .sign").all():
            box = sign.bounding_box()
            assert (box["width"] <= 26, box["height"] <= 20) == (True, True), path


def test_charts_are_drawn_and_parts_come_when_they_are_reached(opened: Any) -> None:
    opened.goto("/pair/RUS/PRK")
    settled(opened)
    opened.locator("figure").first.scroll_into_view_if_needed()
    opened.locator(".chart svg").first.wait_for()
    assert opened.locator("figcaption .key li").count() > 0
    part = opened.locator("section.part").filter(has_text="Forecast")
    part.scroll_into_view_if_needed()
    part.locator(".room svg").first.wait_for()
    slider = opened.locator("form[data-live] input[type=range]")
    slider.scroll_into_view_if_needed()
    opened.locator("form[data-live] input[name=third]").fill("USA")
    slider.focus()
    opened.keyboard.press("ArrowLeft")
    assert opened.locator("form[data-live] output").inner_text() == "0.45"
    opened.locator("form[data-live] ~ .room").get_by_text("x0.45", exact=False).first.wait_for()


@pytest.mark.parametrize("opened", [(390, "dark", False, "en")], indirect=True, ids=called)
def test_without_scripts_every_page_and_form_works(opened: Any) -> None:
    opened.goto("/")
    opened.locator("input[name=a]").fill("Corea del Norte")
    opened.locator("form.find button").click()
    opened.wait_for_url("**/actor/PRK*")
    opened.goto("/pair/RUS/PRK/whatif")
    opened.locator("input[name=third]").fill("USA")
    opened.locator("form.ask button").click()
    opened.locator("h1").filter(has_text="What if it had been").wait_for()
    opened.goto("/check")
    opened.locator("textarea").fill("Cooperation between Russia and North Korea has soared since 2022.")
    opened.locator("form.paste button").click()
    opened.locator("h1").filter(has_text="What the data say").wait_for()
    opened.goto("/pairs")
    settled(opened)
    opened.locator("details.form summary").click()
    opened.locator("select[name=sort]").select_option("names")
    opened.locator("details.form button").click()
    opened.wait_for_url("**sort=names*")
    assert (
        opened.locator("tbody th").first.inner_text().startswith("AFG")
        or opened.locator("tbody th").first.inner_text() < "D"
    )


@pytest.mark.parametrize("opened", [(1280, "light", True, "ar")], indirect=True, ids=called)
def test_right_to_left_is_laid_out_the_other_way(opened: Any) -> None:
    opened.goto("/pair/RUS/PRK")
    settled(opened)
    side, top = (opened.locator(x).first.bounding_box() for x in ("nav.side", "main .top"))
    assert side["x"] < top["x"]
