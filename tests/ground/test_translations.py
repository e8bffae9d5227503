"""script/check_translations sees every way in which a translation can be missing."""

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

import polib
import pytest

from tests.ground.sources import ROOT

_loader = SourceFileLoader("check_translations", str(ROOT / "script/check_translations"))
_spec = spec_from_loader(_loader.name, _loader)
assert _spec is not None
check_translations = module_from_spec(_spec)
_loader.exec_module(check_translations)

SOURCE = polib.POEntry(msgid="%(count)s findings of %(name)s", flags=["python-format"])


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (None, "missing"),
        (polib.POEntry(msgid=SOURCE.msgid, msgstr=""), "untranslated"),
        (polib.POEntry(msgid=SOURCE.msgid, msgstr="%(name)s：%(count)s 项", flags=["fuzzy"]), "fuzzy"),
        (polib.POEntry(msgid=SOURCE.msgid, msgstr="%(count)s 项"), "other placeholders"),
        (polib.POEntry(msgid=SOURCE.msgid, msgstr="%(name)s：%(count)s 项"), None),
    ],
)
def test_a_translation_is_refused_unless_it_is_complete(
    entry: polib.POEntry | None, fault: str | None
) -> None:
    assert check_translations.fault_of(entry, SOURCE) == fault


def test_a_plural_needs_each_of_its_forms() -> None:
    source = polib.POEntry(msgid="%(n)s case", msgid_plural="%(n)s cases", flags=["python-format"])
    whole = polib.POEntry(msgid=source.msgid, msgid_plural=source.msgid_plural, msgstr_plural={0: "%(n)s 件"})
    empty = polib.POEntry(msgid=source.msgid, msgid_plural=source.msgid_plural, msgstr_plural={0: ""})
    assert check_translations.fault_of(whole, source) is None
    assert check_translations.fault_of(empty, source) == "untranslated"


def test_both_chinese_scripts_are_checked() -> None:
    assert check_translations.LANGUAGES == ("zh_Hans", "zh_Hant")


def test_the_mainland_has_one_name_everywhere() -> None:
    """Clients asked whether 中国大陆 and 中国内地 were two requirements."""
    texts = [*ROOT.glob("locale/*/LC_MESSAGES/django.po"), *ROOT.glob("docs/guide/zh-*/*.md")]
    other_names = ("中国内地", "中國內地", "中国境内", "中國境內")
    found = [str(path) for path in texts if any(name in path.read_text() for name in other_names)]
    assert found == []
    assert "中国大陆" in (ROOT / "locale/zh_Hans/LC_MESSAGES/django.po").read_text()
