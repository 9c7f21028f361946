import jinja2
import pytest

from hotline.i18n.calls import from_file, from_tree

TEMPLATE = """{# Note: top of the queue #}
<h1>{{ t("console.queue.title", "Queue") }}</h1>
{% if late %}<p title="{{ t('console.queue.late', "It's {n} late", n=late) }}">{% endif %}
{{ tn("console.queue.people", "{n} person", "{n} people", count) }}
{{ t(name, "not literal") }}
"""


def test_templates_give_keys_english_lines_and_notes(tmp_path):
    path = tmp_path / "queue.html"
    path.write_text(TEMPLATE, encoding="utf-8")
    assert [(s.key, s.english, s.line, s.note) for s in from_file(path, "queue.html")] == [
        ("console.queue.title", ("Queue",), 2, "top of the queue"),
        ("console.queue.late", ("It's {n} late",), 3, ""),
        ("console.queue.people", ("{n} person", "{n} people"), 4, ""),
    ]


def test_python_calls_count_too(tmp_path):
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "page.py").write_text('x = t("a.b", "Text {n}", n=1)\n', encoding="utf-8")
    (tmp_path / "web" / "logo.png").write_bytes(b"\x89")
    assert [(s.key, s.file) for s in from_tree(tmp_path, "web")] == [("a.b", "web/page.py")]


def test_a_broken_template_is_not_skipped_in_silence(tmp_path):
    path = tmp_path / "bad.html"
    path.write_text("{% if %}", encoding="utf-8")
    with pytest.raises(jinja2.TemplateSyntaxError):
        list(from_file(path, "bad.html"))
