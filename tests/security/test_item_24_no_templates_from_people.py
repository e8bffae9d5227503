"""What people write is never a template, in no language of templates (item 24)."""

import ast

import pytest

from certbody.body.numbers import number_from
from certbody.workflow import NotReady
from certificates.services.manifest import _filled
from tests.ground.sources import place, python_files, tree_of

HOSTILE = "{0.__class__} {client.__init__.__globals__} {% load static %} {{ settings.SECRET_KEY }} %(x)s ${x}"
# compile or fill in a text that is not part of the program
COMPILERS = {"Template", "from_string", "compile_template", "format_map", "eval", "exec", "safe_substitute"}
TRUSTING = {"mark_safe", "SafeString", "format_html", "format_html_join"}


def offences(tree: ast.Module) -> list[int]:
    """Lines that make a program of a text, or markup of a text that is no constant."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
        if isinstance(getattr(node.func, "value", None), ast.Constant):
            continue  # a text of the program itself
        if (
            name in COMPILERS
            or getattr(node.func, "attr", None) == "format"
            or (name in TRUSTING and not (node.args and isinstance(node.args[0], ast.Constant)))
        ):
            found.append(node.lineno)
    return found


def test_item_24_no_text_is_compiled_or_filled_in_as_a_template() -> None:
    # the guide is made of files of this repository, in which raw HTML is escaped
    files = [path for path in python_files(product_only=True) if path.parent.name != "guide"]
    assert [place(path, line) for path in files for line in offences(tree_of(path))] == []


@pytest.mark.parametrize(
    "offence",
    [
        "Template(setting).render(context)",
        "engine.from_string(body)",
        "sentence.format(client=client)",
        "text.format_map(facts)",
        "eval(rule)",
        "mark_safe(note)",
        "format_html(note, name)",
        "format_html('<b>' + name + '</b>')",
    ],
)
def test_item_24_every_way_to_make_a_program_of_a_text_is_noticed(offence: str) -> None:
    assert offences(ast.parse(offence)) == [1]
    assert (
        offences(ast.parse("format_html('<b>{}</b>', name); mark_safe('<br>'); _('a %(b)s') % {'b': c}"))
        == []
    )


def test_item_24_the_sentence_under_a_mark_knows_its_two_placeholders_and_no_other() -> None:
    body = {
        "mark_sentence": f"{HOSTILE} {{standard}}",
        "mark_sentence_en": "{number:05} {{number}} {unknown}",
    }
    words = _filled(body, standard="GB/T 27922-2011", number="EX26")
    assert words.zh == f"{HOSTILE} GB/T 27922-2011"
    assert words.en == "EX26 {EX26} {unknown}"


@pytest.mark.parametrize(
    "template", ["{seq.__class__}", "{seq!r}", "{0}", "{{seq}}", "{% now 'Y' %}{seq}", "%(seq)s"]
)
def test_item_24_the_form_of_numbers_is_no_program(template: str) -> None:
    with pytest.raises(NotReady):
        number_from(template, {"seq": 1, "yy": "26"})
    assert number_from("{yy}-{seq:03}", {"seq": 1, "yy": "26"}) == "26-001"
