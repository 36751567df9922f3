"""The page is one file that holds all it shows, whatever there is to show."""

import base64
import io
import json
import re
from html.parser import HTMLParser

import numpy
import pytest
from pandas import DataFrame
from PIL import Image
from report.pages import figures, made, networks, table

from autodiff_pipeline.report.page import PICTURES, ROWS
from autodiff_pipeline.report.pictures import embedded
from autodiff_pipeline.report.table_view import table_views


class Outline(HTMLParser):
    """What a page consists of: headings, pictures, identifiers, and what it would load."""

    def __init__(self, html):
        super().__init__()
        self.levels, self.images, self.identifiers, self.links = [], [], [], []
        self.loaded, self.references = [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if tag == "img":
            self.images.append(found)
        if "id" in found:
            self.identifiers.append(found["id"])
        if tag == "a":
            self.links.append(found["href"])
        self.references += [found[name] for name in ("aria-labelledby",) if name in found]
        self.loaded += [found[n] for n in ("src",) if n in found]
        if tag == "link":
            self.loaded.append(found["href"])


@pytest.fixture(scope="module")
def html():
    return made(figures=figures(), tables={"networks": table(networks())})


def test_it_loads_nothing(html):
    outline = Outline(html)
    assert all(address.startswith("data:") for address in outline.loaded)
    assert "default-src 'none'" in html
    assert not re.search(r"@import|url\(|https?://", html)
    assert len(html) < 5_000_000


def test_headings_descend_one_by_one_and_links_lead_somewhere(html):
    outline = Outline(html)
    assert outline.levels[0] == 1
    assert outline.levels.count(1) == 1
    steps = numpy.diff(outline.levels)
    assert steps.max() == 1
    assert len(set(outline.identifiers)) == len(outline.identifiers)
    assert {link[1:] for link in outline.links} <= set(outline.identifiers)
    assert set(outline.references) <= set(outline.identifiers)


def test_every_figure_has_a_text_for_who_cannot_see_it(html):
    images = Outline(html).images
    assert len(images) == 4
    assert all(len(image["alt"]) > 60 for image in images)


def test_what_several_figures_have_to_say_is_said_once():
    seeds = figures()["seeds"]
    other = seeds._replace(caption=seeds.caption._replace(title="Another family"))
    html = made(figures={"seeds": seeds, "other": other})
    assert html.count("<dt>Computed</dt>") == 1
    assert "Another family</h3>" in html


def test_the_lesson_shows_the_code_beside_its_figures(html):
    steps = re.findall(r'<article class="step">(.*?)</article>', html, re.DOTALL)
    assert len(steps) == 4
    assert "network_gradient" in steps[2]
    assert "figure-lesson" in steps[3]
    assert "figure-lesson" not in html.replace(steps[3], "")


def test_a_section_appears_when_there_is_something_in_it(html):
    assert '<section id="training"' in html
    assert '<section id="gradients"' not in html
    more = made(tables={"checker_power": table(networks(), "gradients")})
    assert '<section id="gradients"' in more
    assert '<section id="training"' not in more


def test_nothing_at_all_is_a_page_too():
    html = made(sources={}, commit=None, versions={})
    assert "no tables to answer from" in html
    assert "git checkout" not in html


def test_text_of_tables_is_text(html):
    assert "<b>bold" not in html
    hostile = made(tables={"t": table(DataFrame({"note": ["</script><script>alert(1)", "x"]}))})
    assert "<script>alert" not in hostile


def test_a_table_is_carried_in_its_order_with_short_numbers(html):
    data = json.loads(re.search(r'application/json">(.*?)</script>', html, re.DOTALL)[1])
    assert len(data) == 120
    assert data[0] == ["adam", "1", "1000"]
    assert [row[2] for row in data[3:5]] == ["inf", ""]


def test_large_tables_are_cut_and_small_ones_are_not():
    large, small = networks(9000), networks(30)
    views = table_views({"large": large, "small": small}, 100_000)
    assert sum(len(view.data) for view in views.values()) <= 100_000
    assert len(views["large"].data) > 90_000
    assert views["small"].carried == 30
    assert json.loads(views["large"].data)[-1][1] == str(
        large["hidden_size"].iloc[views["large"].carried - 1]
    )


def noise(side):
    """A picture that no compression makes smaller, as PNG."""
    pixels = numpy.random.default_rng(1).integers(0, 256, (side, side, 3), dtype=numpy.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def test_pictures_too_heavy_together_are_made_smaller():
    budget = 60_000
    pngs = {"a": noise(200), "b": noise(150)}
    pictures = embedded(pngs, budget)
    assert embedded(pngs, budget, threads=2) == pictures
    assert 0.4 * budget < sum(len(picture.url) for picture in pictures.values()) <= budget
    assert [picture.width for picture in pictures.values()] == [110, 82]  # as large on the page
    (alone,) = embedded({"a": noise(200)}, 10 * budget).values()
    decoded = Image.open(io.BytesIO(base64.b64decode(alone.url.split(",")[1])))
    assert decoded.size == (200, 200)


def test_what_pictures_and_tables_may_take_leaves_room_for_the_rest(html):
    parts = re.findall(r'src="data:[^"]*"|json">.*?</script>', html, re.DOTALL)
    assert PICTURES + ROWS + len(html) - sum(map(len, parts)) < 5_000_000
