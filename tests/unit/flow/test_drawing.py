"""Flows as pictures: every step and answer is there, nothing overlaps, nothing comes from outside."""

import html
import itertools
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings, strategies as st

from hotline.flow.drawing import svg
from hotline.flow.drawing.boxes import boxes
from hotline.flow.drawing.layout import place
from tests.support.flows import bundle

FLOWS = [flow.name for flow in bundle().flows.values() if flow.steps]
GRAPHS = st.integers(1, 14).flatmap(
    lambda n: st.tuples(
        st.lists(st.tuples(st.integers(20, 300), st.integers(20, 200)), min_size=n, max_size=n),
        st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=30),
    )
)


def english(key):
    return bundle().texts[key].english


def picture(flow, **more):
    return svg.draw(boxes(bundle(), flow, english, **more), title=flow)


@settings(deadline=None)
@given(GRAPHS)
def test_no_box_lies_on_another_and_no_line_runs_through_one(graph):
    found, pairs = graph
    sizes = {str(i): (float(w), float(h)) for i, (w, h) in enumerate(found)}
    placed = place(sizes, [(str(a), str(b)) for a, b in pairs])
    rects = {key: (x, y, x + sizes[key][0], y + sizes[key][1]) for key, (x, y) in placed.at.items()}
    names = list(rects)
    for i, one in enumerate(names):
        ax, ay, bx, by = rects[one]
        assert ax >= -0.01
        assert bx <= placed.width + 0.01
        assert by <= placed.height + 0.01
        for other in names[i + 1 :]:
            cx, cy, dx, dy = rects[other]
            assert bx <= cx + 0.01 or dx <= ax + 0.01 or by <= cy + 0.01 or dy <= ay + 0.01
    for (source, target), points in placed.lines.items():
        assert all(y1 >= y0 - 0.01 for (_, y0), (_, y1) in itertools.pairwise(points))
        for key in set(rects) - {source, target}:
            ax, ay, bx, by = rects[key]
            for (x0, y0), (x1, y1) in itertools.pairwise(points):
                if x0 == x1:  # the stretches beside boxes are straight
                    assert not (ax < x0 < bx and min(by, y1) - max(ay, y0) > 0.01), key


@pytest.mark.parametrize("flow", FLOWS)
def test_every_step_answer_and_silence_is_in_the_picture(flow):
    made = picture(flow)
    root = ET.fromstring(made)  # noqa: S314 - our own text
    assert root.tag.endswith("svg")
    for step in bundle().flows[flow].steps.values():
        assert f'id="{step.key}"' in made
        for option in step.options:
            assert html.escape(english(option.key)) in made
        if step.silence is not None:
            assert "without an answer" in made
        if step.call is not None:
            assert f"{step.call}." in made


@pytest.mark.parametrize("flow", FLOWS)
def test_nothing_is_fetched_and_nothing_runs(flow):
    made = picture(flow)
    assert not re.search(r"<script|<image|<foreignObject|@import|url\(|href=|javascript:", made)
    assert re.findall(r"https?://[^\"]+", made) == ["http://www.w3.org/2000/svg"]
    assert "prefers-color-scheme: dark" in made


def test_what_no_story_visits_is_marked_in_words_too():
    every = {step.key for step in bundle().every_step()}
    some = picture("menu", told=every - {"menu.rest"} | {"menu.top=offer"})
    assert 'class="step ask untold"' in some
    assert some.count("no story visits this") >= 2
    assert "no story visits this" not in picture("menu")


def test_words_of_a_flow_cannot_break_out_of_the_picture():
    made = svg.draw(
        boxes(bundle(), "menu", lambda _key: '</text><script>alert("x")</script>'), title='"><b>'
    )
    assert "<script" not in made
    ET.fromstring(made)  # noqa: S314 - our own text
