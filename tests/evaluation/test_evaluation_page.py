"""The page: well-formed, whole in itself, readable by everybody."""

from __future__ import annotations

import base64
import re
from collections import Counter
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from luvcolor.evaluation import Evaluation, Measured, evaluate
from luvcolor.evaluation.gallery import ENDS, MOST, Gallery
from luvcolor.evaluation.page import evaluation_page
from luvcolor.frame import Frame
from luvcolor.io.codec import decode
from tests.conftest import no_failure, noisy
from tests.evaluation.test_evaluation import MEAN_UV, flat

VOID = {"meta", "img", "br", "link", "input", "hr"}
STRANGE = "<b>\"&'.png"


class Page(HTMLParser):
    """What stands in a page; fails where tags do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID and not self._is_drawn():
            self.open.append(tag)

    def _is_drawn(self) -> bool:
        return (self.get_starttag_text() or "").endswith("/>")

    def handle_endtag(self, tag: str) -> None:
        if not self._is_drawn() or (self.open and self.open[-1] == tag):
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def made(*names: str, **others: Any) -> str:
    pictures = [Frame(noisy(30, 40, n), name=name) for n, name in enumerate(names)]
    engines = [flat(mean_uv=MEAN_UV), flat("ink", -20)]
    gallery = Gallery(["sepia", "ink"])
    result = evaluate(pictures, engines, failed=no_failure, each=gallery.add)
    return evaluation_page(result, gallery, **others)


@pytest.fixture(scope="module")
def text() -> str:
    curves = {"sepia": {"val_loss": [(1.0, 3.0), (2.0, 2.0)]}, "ink": {}}
    return made("a.png", STRANGE, "sub/c.png", curves=curves)


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_it_needs_nothing_beside_itself(text: str, page: Page) -> None:
    assert text.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert not page.all("script")
    assert not page.all("link")
    for tag, attributes in page.tags:
        assert not any(name.startswith("on") for name in attributes), tag
        for name in ("src", "href"):
            target = attributes.get(name) or "#"
            assert target.startswith(("#", "data:image/jpeg;base64,")), target
    assert not re.search(r"url\(|@import|https?:", text)


def test_links_lead_somewhere_and_names_are_given_once(page: Page) -> None:
    ids = Counter(a["id"] for _, a in page.tags if "id" in a)
    assert max(ids.values()) == 1
    targets = {(a.get("href") or "")[1:] for a in page.all("a") if "href" in a}
    assert targets <= set(ids)
    assert {"worst", "best", "table", "distribution", "curves", "protocol"} <= targets
    for _, attributes in page.tags:
        assert attributes.get("aria-labelledby") in {None, *ids}


def test_names_of_files_are_escaped(text: str, page: Page) -> None:
    assert '<b>"' not in text
    assert "&lt;b&gt;" in text
    assert STRANGE in page.text
    assert f"{STRANGE} in gray" in [image["alt"] for image in page.all("img")]


def test_every_picture_is_a_small_jpeg_with_words_for_it(page: Page) -> None:
    images = page.all("img")
    assert len(images) == 3 * 4
    alts = [image["alt"] for image in images]
    assert len(set(alts)) == len(alts)
    assert {"a.png in gray", "a.png as coloured by ink", "a.png in its true colours"} <= set(alts)
    for image in images:
        data = base64.b64decode((image["src"] or "").partition(",")[2])
        height, width = decode(data).size
        # 40 pixels wide: shown three times as large, so that there is something to see.
        assert (image["width"], image["height"]) == (str(3 * width), str(3 * height))
        assert image["class"] == "enlarged"


def test_the_table_has_all_methods_and_marks_the_best(text: str, page: Page) -> None:
    table = text[text.index("<table>") : text.index("</table>")]
    rows = re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', table)
    assert [name for name, _ in rows] == ["gray", "mean chroma", "sepia", "ink", "truth"]
    assert "(best)" in table
    assert "(best)" not in dict(rows)["truth"]
    columns = re.findall(r'<th scope="col">([^<]+)<', table)
    assert columns == [
        "Method", "PSNR dB", "SSIM", "CIEDE2000", "AUC", "AUC reb.", "uv MSE", "colourful",
        "col. abs",
    ]  # fmt: skip
    for column in columns[1:]:
        assert f"<dt>{column}</dt>" in text


def test_the_plots_are_read_out(page: Page) -> None:
    labels = [svg["aria-label"] or "" for svg in page.all("svg")]
    assert len(labels) == 2
    assert all(svg["role"] == "img" for svg in page.all("svg"))
    assert "ink: median" in labels[0]
    assert labels[1].startswith("sepia, val_loss: 3 at epoch 1")


def test_without_curves_there_is_no_such_section() -> None:
    page = Page(made("a.png"))
    assert "curves" not in {a.get("id") for _, a in page.tags}
    assert "#curves" not in {a.get("href") for a in page.all("a")}


def test_pictures_go_from_worst_to_best(text: str, page: Page) -> None:
    titles = re.findall(r"<h3>(.*?) <span class=\"soft\">CIEDE2000 ([\d.]+)(.*?)</span>", text)
    scores = [float(score) for _, score, _ in titles]
    assert scores == sorted(scores, reverse=True)
    assert [mark for _, _, mark in titles] == [", the worst", "", ", the best"]
    assert text.index('id="worst"') < text.index('id="best"')


def test_the_protocol_and_the_receipts_are_told(page: Page) -> None:
    for words in ("3, of 40x30 pixels", "Fingerprint of the pictures", "none: each picture at its"):
        assert words in page.text
    assert "temperature its own" in page.text
    assert "The colours of the models are a guess." in page.text


def test_many_pictures_are_thinned_and_that_is_said() -> None:
    pixel = np.full((2, 2, 3), (9, 99, 9), np.uint8)
    gallery, rows = Gallery(["sepia"]), []
    for number in range(MOST + 50):
        row = {"picture": f"{number}.png", "method": "sepia", "ciede2000": float(number % 97)}
        pictures = dict.fromkeys(["gray", "sepia", "truth"], pixel)
        gallery.add(Measured(f"{number}.png", pictures, {"sepia": row}))
        rows.append(row)
    protocol = {"pictures": 250, "luvcolor": "1", "receipts": {"sepia": {}}}
    text = evaluation_page(Evaluation(protocol, rows), gallery)
    page = Page(text)
    assert len(page.all("article")) == MOST
    assert f"The worst {ENDS} and the best {ENDS} are all here" in page.text
    assert "of the 250 in all, 50 between them are left out" in page.text
    assert "The middle: 40 of 90 pictures, drawn evenly." in page.text
    assert len(text) < 2_000_000


def test_accuracies_over_different_palettes_are_not_compared() -> None:
    def page_with(*palettes: str) -> str:
        rows = [
            {"method": name, "ciede2000": 1.0, "accuracy": accuracy}
            for name, accuracy in (("a", 0.5), ("b", 0.6))
        ]
        found = dict(zip("ab", palettes, strict=True))
        protocol = {"pictures": 1, "luvcolor": "1", "receipts": {}, "palettes": found}
        gallery = Gallery(["a"])
        picture = dict.fromkeys(["gray", "a", "truth"], noisy(4, 4))
        gallery.add(Measured("p", picture, {"a": rows[0]}))
        return evaluation_page(Evaluation(protocol, rows), gallery)

    best = re.compile(r'class="best">60\.0<')
    assert best.search(page_with("24 in rgb", "24 in rgb"))
    assert not best.search(page_with("24 in rgb", "24 in uv"))


def test_light_dark_and_print_are_styled_with_enough_contrast(text: str) -> None:
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    themes = [dict(re.findall(r"--(\w+): (#\w{6})", found)) for found in re.findall(
        r":root \{(.*?)\}", text
    )]  # fmt: skip
    assert len(themes) == 3
    for theme in themes:
        for ink in ("ink", "soft", "accent"):
            for paper in ("page", "panel"):
                assert contrast(theme[ink], theme[paper]) >= 4.5, (ink, paper)
        assert contrast(theme["quiet"], theme["page"]) >= 3


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2, section 1.4.3."""
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    rgb = np.frombuffer(bytes.fromhex(colour[1:]), np.uint8) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))
