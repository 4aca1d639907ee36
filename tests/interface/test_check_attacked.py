"""``tertius check`` with documents that nobody would write: whatever comes, an answer or one message, and no more."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
SOARED = "Cooperation between Russia and North Korea has soared since 2022."
ODD = {
    "blank": " \n\t\n",
    "one word": "Sanctions",
    "no date": SOARED,
    "letters without a sentence": "a" * 5000,
    "French": "La coopération entre la Russie et la Corée du Nord a augmenté depuis 2022.",
    "Russian": "Сотрудничество между Россией и КНДР выросло с 2022 года.",
    "Chinese": "自2022年以来，俄罗斯与朝鲜的合作迅速增加。",
    "right to left": "التعاون بين روسيا وكوريا الشمالية في تزايد منذ 2022.",
    "actors that the data do not know": "Cooperation between Vanuatu and Bhutan has soared since 2019.",
    "one actor twice": "Cooperation between Russia and Moscow has soared since 2019.",
    "a time before the data": "Cooperation between Russia and China soared in 1750.",
    "a time after the data": "Cooperation between Russia and China has soared since 2090.",
    "a day that does not exist": "Cooperation between Russia and North Korea has soared since 31 February 2022.",
    "a group within itself": "Cooperation between NATO and the United States has soared since 2019.",
    "marks of our own": "@0 drives @1 and @2 together. {A} {gap} \\g<k> %s {0} has soared since 2022.",
    "quotes left open": f'"""((([{SOARED}',
    "a prediction of nobody": "Cooperation will increase. The meeting signals greater cooperation.",
    "a policy of nobody": "One should not drive adversaries together. Vanuatu should stop uniting its adversaries.",
}  # fmt: skip


def write(folder: Path, text: str, name: str = "odd.txt") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_an_odd_document_has_an_answer_or_one_message(tertius: Run, tmp_path: Path, text: str) -> None:
    ran = tertius("check", write(tmp_path, text), "chronicle", "--json")
    assert ran.code in (0, 2), ran.err
    assert "Traceback" not in ran.err
    if ran.code == 2:
        assert set(ran.document["error"]) == {"type", "message", "hint"}
    else:
        assert not {c["verdict"] for c in ran.document["claims"]} & {"supported", "consistent with"}


def test_a_megabyte_is_checked(tertius: Run, tmp_path: Path) -> None:
    filler = "It rained on the town, and nobody who lived there said a word about it to anybody else. "
    ran = tertius("check", write(tmp_path, SOARED + " " + filler * 11_000), "chronicle", "--json", "--quiet")
    assert ran.code == 0
    assert [c["kind"] for c in ran.document["claims"]] == ["trend"]


def test_scripts_of_a_page_neither_claim_nor_run(tertius: Run, tmp_path: Path) -> None:
    page = (
        f"<html><head><title>Ties</title><script>document.title = '{SOARED}'</script></head><body><article>"
        f"<h1>Ties</h1><p onclick='alert(1)'>{SOARED} <a href='javascript:alert(2)'>More</a> of it, and of the weather "
        "in the capital, which was fine all day long and nobody complained.</p><img src=x onerror=alert(3)>"
        "<p>Nobody in the town remembered a summer like it, nor wished for another one of the kind.</p>"
        "</article></body></html>"
    )
    report = tmp_path / "page.html"
    ran = tertius("check", write(tmp_path, page, "odd.html"), "chronicle", "--report", report, "--json")
    assert ran.code == 0
    assert [c["sentence"] for c in ran.document["claims"]] == [SOARED]
    written = report.read_text(encoding="utf-8")
    assert "alert(" not in written.replace("&#", "")
    assert "onclick=" not in written
    assert "javascript:" not in written


FLAGS = ("--json", "--claimreview", "--report", "--quotes")


@pytest.mark.parametrize("flags", [c for n in range(len(FLAGS) + 1) for c in combinations(FLAGS, n)], ids="+".join)
def test_every_combination_of_outputs(tertius: Run, tmp_path: Path, flags: tuple[str, ...]) -> None:
    files = {"--claimreview": tmp_path / "review.json", "--report": tmp_path / "page.html"}
    words = [w for f in flags for w in ((f, files[f]) if f in files else (f,))]
    text = f"Ties\n\nBy Ann Lee\n\n3 July 2023\n\n{SOARED} Putin wants respect.\n"
    ran = tertius("check", write(tmp_path, text), "chronicle", *words)
    assert ran.code == 0
    assert {f for f, path in files.items() if path.exists()} == set(flags) & set(files)
    written = [path.read_text(encoding="utf-8") for path in files.values() if path.exists()]
    assert all("wants respect" not in text for text in written) or "--quotes" not in flags
    if "--json" in flags:
        assert len(json.loads(ran.out)["claims"]) == 2
    if "--claimreview" in flags:
        assert len(json.loads(files["--claimreview"].read_text())["@graph"]) == (1 if "--quotes" in flags else 2)
