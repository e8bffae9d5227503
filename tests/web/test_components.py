"""The components of the pages: what they say, to whom, and that they stay legible and free of inline code."""

import gzip
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import allauth
import pytest
from crispy_forms.utils import render_crispy_form
from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from certbody import clock
from certbody.web import navigation
from certbody.web.context_processors import surface
from certbody.web.templatetags.ui import ICONS

TEMPLATES = Path(settings.BASE_DIR, "templates")
STATIC = Path(settings.BASE_DIR, "static")
# mails and papers are read where no style sheet is: they carry their own style
NO_PAGES = {"email", "mail", "pdf"}
PAGES = sorted(
    path for path in TEMPLATES.rglob("*.html") if NO_PAGES.isdisjoint(path.relative_to(TEMPLATES).parts)
)
OURS = ("tokens.css", "app.css", "forms.css", "layout.css", "work.css", "print.css", "app.js", "seal.svg")


def shown(source, **context):
    return Template(source).render(Context(context)).strip()


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"), clock.at(date(2026, 11, 21)):
        yield


def test_a_status_is_a_tone_and_a_word():
    text = shown("{% status 'valid' 'Valid' 'good' %}")
    assert ">Valid<" in text
    assert "cb-tone-good" in text


def test_a_status_of_an_unknown_tone_is_refused():
    with pytest.raises(TemplateSyntaxError, match="purple"):
        shown("{% status 'valid' 'Valid' 'purple' %}")


def test_a_panel_without_content_is_not_drawn():
    assert shown("{% panel title='Next steps' %}  {% if 0 %}a{% endif %} {% endpanel %}") == ""
    assert "Next steps" in shown("{% panel title='Next steps' %}a{% endpanel %}")


def test_text_in_a_component_is_escaped():
    hostile = "<script>alert(1)</script>"
    for source in (
        "{% status 'x' text 'good' %}",
        "{% panel text %}{{ text }}{% endpanel %}",
        "{% empty_state text %}{{ text }}{% endempty_state %}",
        "{% page_header text subtitle=text %}{{ text }}{% endpage_header %}",
        "{% copy_button text %}",
        "{% page_title text text %}",
    ):
        rendered = shown(source, text=hostile)
        assert "alert(1)" in rendered
        assert "<script" not in rendered


@pytest.mark.parametrize(
    ("grade", "count", "word"), [("star3", 3, "Three"), ("star4", 4, "Four"), ("star5", 5, "Five")]
)
def test_a_star_grade_shows_its_stars_and_says_them(grade, count, word):
    text = shown("{% stars grade %}", grade=grade)
    assert text.count("#star-filled") == count
    assert f'role="img" aria-label="{word} stars"' in text


def test_qualified_has_no_star():
    text = shown("{% stars 'qualified' %}")
    assert "Qualified" in text
    assert "star-filled" not in text


def test_a_grade_that_does_not_exist_is_a_fault_and_not_an_empty_place():
    with pytest.raises(KeyError):
        shown("{% stars 'star6' %}")


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (date(2026, 11, 21), "today"),
        (date(2026, 11, 22), "tomorrow"),
        (date(2026, 11, 20), "yesterday"),
        (date(2027, 3, 1), "in 100 days"),
        (date(2026, 11, 18), "3 days ago"),
        (date(2029, 11, 21), "in 3 years"),
    ],
)
def test_a_day_is_its_date_first_and_then_its_distance(on, words):
    text = shown("{{ on|day }}", on=on)
    assert text.index(f">{on.isoformat()}<") < text.index(words)


def test_days_from_to_stand_on_one_line_and_a_single_day_once():
    first, last = date(2026, 11, 20), date(2026, 11, 22)
    source = "{% days first last 'still lasts' %}"
    text = shown(source, first=first, last=last)
    assert re.fullmatch(
        r'<span class="cb-days"><time.*?>2026-11-20</time> – <time.*?>2026-11-22</time></span>', text
    )
    assert shown(source, first=first, last=first).count("2026-11-20<") == 1
    assert shown(source, first=first, last=None).endswith(" – still lasts</span>")


def test_a_moment_late_in_london_is_the_next_day_in_beijing():
    late = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
    assert ">2026-11-22 02:30<" in shown("{{ at|moment }}", at=late)
    assert ">2026-11-22<" in shown("{{ at|date_only }}", at=late)
    assert "tomorrow" in shown("{{ at|day }}", at=late)


@pytest.mark.parametrize(
    ("exact", "two_places"), [("94.996", "94.99"), (Fraction(2, 3), "0.66"), (40, "40.00")]
)
def test_points_are_rounded_down(exact, two_places):
    assert f">{two_places}<" in shown("{{ exact|points }}", exact=exact)


def test_an_amount_is_grouped_and_has_its_currency():
    assert ">CNY 1,280,000.50<" in shown("{{ amount|money }}", amount=Decimal("1280000.5"))


def test_a_score_bar_says_the_points_and_is_as_long_as_their_share():
    text = shown("{% score_bar '33.5' '40' %}")
    assert 'aria-label="33.50 of 40.00 points"' in text
    assert 'cb-scorebar-value" width="83.75"' in text
    assert "No points apply" in shown("{% score_bar 0 0 %}")


def test_the_stage_of_a_case_is_marked_and_counted():
    stages = [
        SimpleNamespace(label=label, state=state)
        for label, state in [("Application", "done"), ("Contract", "current"), ("Audit", "future")]
    ]
    text = shown("{% stage_dots stages %}", stages=stages)
    assert text.count('aria-current="step"') == 1
    assert re.search(r'aria-current="step">.*?Contract', text, re.DOTALL)
    assert "Step 2 of 3" in text


class Application(forms.Form):
    name = forms.CharField(label="Name")
    grade = forms.ChoiceField(label="Grade", choices=[("star3", "3")], widget=forms.RadioSelect)

    def clean(self):
        raise forms.ValidationError("Too early.")


def test_the_error_summary_leads_to_every_field():
    text = shown("{% error_summary form %}", form=Application({}))
    assert "3 things to correct" in text
    assert 'href="#id_name">Name<' in text
    assert 'href="#id_grade_0">Grade<' in text
    assert "Too early." in text


def test_a_form_without_faults_has_no_error_summary():
    assert shown("{% error_summary form %}", form=Application()) == ""


def test_an_error_of_the_whole_form_is_said_once():
    form = Application({})
    assert "Too early." not in render_crispy_form(form)
    assert "This field is required." in render_crispy_form(form)


def test_every_page_with_a_crispy_form_has_an_error_summary():
    forms_pages = [path for path in PAGES if re.search(r"\{% crispy |\|crispy", path.read_text())]
    assert forms_pages
    assert [path for path in forms_pages if "error_summary" not in path.read_text()] == []


def test_no_page_holds_inline_code_or_style():
    inline = re.compile(
        r"""\sstyle=|\son[a-z]+=["']|<script(?![^>]*\bsrc=)(?![^>]*application/json)|javascript:|<style"""
    )
    assert [path for path in PAGES if inline.search(path.read_text())] == []


def test_account_pages_of_the_library_with_inline_style_are_replaced():
    theirs = Path(allauth.__file__).parent / "templates"
    styled = {
        path.relative_to(theirs)
        for app in ("account", "allauth", "mfa", "usersessions")
        for path in (theirs / app).rglob("*.html")
        if "style=" in path.read_text()
    }
    assert styled
    assert {path for path in styled if not (TEMPLATES / path).exists()} == set()


def test_nothing_is_loaded_from_another_host():
    harmless = re.compile(r"/\*.*?\*/|http://www\.w3\.org/\d+/\w+", re.DOTALL)
    for path in sorted((STATIC / "certbody").rglob("*.*")):
        assert "//" not in harmless.sub("", path.read_text()), path
    for path in PAGES:
        assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", path.read_text()), path


def test_every_static_file_that_a_page_names_exists():
    named = {
        name
        for path in PAGES
        for name in re.findall(r"""\{% static ["']([^"']+)["'] %\}""", path.read_text())
    }
    assert len(named) > 5
    assert {name for name in named if not finders.find(name)} == set()


def icon_names():
    return set(re.findall(r'<symbol id="([^"]+)"', (STATIC / ICONS).read_text()))


def test_every_icon_in_use_is_in_the_sprite():
    named = {
        name for path in PAGES for name in re.findall(r"""\{% icon ["']([^"']+)["']""", path.read_text())
    }
    named |= {
        name for path in PAGES for name in re.findall(r"""icon_name=["']([^"']+)["']""", path.read_text())
    }
    registered = {entry.icon for entries in navigation._entries.values() for entry in entries}
    assert named | registered <= icon_names()


def themes():
    css = re.sub(r"/\*.*?\*/", "", (STATIC / "certbody/tokens.css").read_text(), flags=re.DOTALL)
    blocks = {
        "light": r':root,\s*\[data-bs-theme="light"\] \{(.*?)\}',
        "dark": r'\n\[data-bs-theme="dark"\] \{(.*?)\}',
        "device": r":root:not\(\[data-bs-theme\]\) \{(.*?)\}",
    }
    return {
        name: dict(re.findall(r"--([\w-]+): (.+?);", re.search(block, css, re.DOTALL).group(1)))
        for name, block in blocks.items()
    }


def test_dark_by_choice_and_dark_by_device_are_the_same():
    assert themes()["dark"] == themes()["device"]


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_are_legible_on_every_ground(theme):
    token = themes()[theme]
    for ground in ("ground", "paper", "raised"):
        for word in ("text", "quiet", "ink", "red", "green", "amber"):
            assert contrast(token[word], token[ground]) >= 4.5, (word, ground)
    for word, ground in [
        ("on-ink", "ink"),
        ("on-ink", "ink-strong"),
        ("on-red", "red"),
        ("on-red", "red-strong"),
        ("ink", "ink-tint"),
        ("text", "ink-tint"),
        ("text", "gold-tint"),
        ("text", "amber-tint"),
        ("green", "green-tint"),
        ("amber-text", "amber-tint"),
        ("red", "red-tint"),
    ]:
        assert contrast(token[word], token[ground]) >= 4.5, (word, ground)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_edges_of_fields_and_stars_can_be_seen(theme):
    token = themes()[theme]
    for edge in ("line-strong", "gold"):
        assert contrast(token[edge], token["paper"]) >= 3, edge


def packed(*names):
    return sum(len(gzip.compress(Path(finders.find(name)).read_bytes())) for name in names)


def test_public_pages_load_little_and_staff_pages_not_much():
    ours = packed(*(f"certbody/{name}" for name in OURS), ICONS)
    lean = packed(
        *(f"vendor/bootstrap-5.3.9/bootstrap-{part}.min.css" for part in ("reboot", "grid", "utilities"))
    )
    assert ours + lean <= 44_000
    assert ours + packed("certbody/tabler-trimmed.css", "django_htmx/htmx-2.min.js") <= 95_000


@pytest.mark.parametrize(
    ("language", "tag"), [("zh-hans", "zh-Hans"), ("zh-hant", "zh-Hant-HK"), ("en", "en")]
)
@pytest.mark.parametrize("page", ["400.html", "500.html"])
def test_error_pages_need_neither_request_nor_database_and_name_their_language(page, language, tag):
    with translation.override(language):
        assert f'<html lang="{tag}">' in render_to_string(page)


def test_a_theme_that_is_not_known_is_the_one_of_the_device():
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    for cookie, attribute in [
        ("dark", ' data-bs-theme="dark"'),
        ("light", ' data-bs-theme="light"'),
        ("auto", ""),
        ('"><', ""),
    ]:
        request.COOKIES["theme"] = cookie
        assert f'<html lang="en"{attribute}>' in render_to_string("404.html", surface(request))


@dataclass
class Reader:
    is_authenticated: bool = True
    waiting: int = 0


@pytest.fixture
def menu(monkeypatch):
    monkeypatch.setattr(navigation, "_entries", {"desk": [], "portal": [], "public": []})
    return navigation.register


def entry(url_name, **more):
    return navigation.Entry(label=url_name, url_name=url_name, icon="home", **more)


def test_a_menu_is_in_order_and_holds_what_the_reader_may_see(menu):
    menu("desk", entry("account_email", order=20))
    menu("desk", entry("mfa_index", order=10, count=lambda user: user.waiting))
    menu("desk", entry("account_logout", order=5, allowed=lambda user: user.waiting > 100))
    links = navigation.links_for("desk", Reader(waiting=7), navigation.Place("/"))
    assert [(link.label, link.count) for link in links] == [("mfa_index", 7), ("account_email", None)]


def test_a_stranger_sees_the_public_menu_only(menu):
    for place in ("desk", "portal", "public"):
        menu(place, entry("account_login"))
    stranger = AnonymousUser()
    assert navigation.entries_for("desk", stranger) == []
    assert navigation.entries_for("portal", stranger) == []
    assert [one.url_name for one in navigation.entries_for("public", stranger)] == ["account_login"]


def test_the_entry_with_the_longest_address_is_the_current_one(menu):
    menu("public", entry("account_email"))
    menu("public", entry("account_login"))
    menu("public", entry("account_login", fragment="help"))
    links = navigation.links_for("public", AnonymousUser(), navigation.Place("/accounts/login/"))
    assert [(link.url, link.is_current) for link in links] == [
        ("/accounts/email/", False),
        ("/accounts/login/", True),
        ("/accounts/login/#help", False),
    ]


def test_an_entry_registered_twice_stands_once(menu):
    menu("desk", entry("mfa_index"))
    menu("desk", entry("mfa_index", order=1))
    assert [one.order for one in navigation.entries_for("desk", Reader())] == [1]
