"""Components of the pages: small tags and filters that every template may use without loading anything."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import template
from django.forms import BaseForm
from django.forms.formsets import BaseFormSet
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django_tables2 import Table

from certbody import clock
from certbody.scheme.score import display
from certbody.web.context_processors import language_tag

register = template.Library()

ICONS = "vendor/tabler-icons-3.51.0/icons.svg"
TONES = frozenset({"neutral", "info", "good", "warn", "bad"})
MESSAGE_ICONS = {"success": "circle-check", "warning": "alert-triangle", "error": "alert-circle"}
STARS = {"star3": 3, "star4": 4, "star5": 5}
GRADES = {
    "fail": gettext_lazy("Not passed"),
    "qualified": gettext_lazy("Qualified"),
    "star3": gettext_lazy("Three stars"),
    "star4": gettext_lazy("Four stars"),
    "star5": gettext_lazy("Five stars"),
}
MINUTE = "%Y-%m-%d %H:%M"
NOTHING = mark_safe('<span class="cb-quiet">–</span>')  # where there is no day and no grade
DAYS_BEFORE_YEARS = 730  # beyond two years a count of days says nothing to a reader

register.simple_tag(language_tag, name="language_tag")


@register.simple_tag
def icon(name: str, css_class: str = "") -> SafeString:
    """A picture from the sprite; always beside a word, so it is hidden from screen readers."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        css_class,
        static(ICONS),
        name,
    )


@register.filter
def message_icon(level_tag: str) -> str:
    return MESSAGE_ICONS.get(level_tag, "info-circle")


@register.simple_tag
def status(state: str, label: str, tone: str = "neutral") -> SafeString:
    """A coloured dot and the word; the word carries the meaning."""
    if tone not in TONES:
        raise template.TemplateSyntaxError(f"status: unknown tone {tone!r}")
    return format_html('<span class="cb-status cb-tone-{}" data-state="{}">{}</span>', tone, state, label)


@register.simple_tag
def stars(grade: str | None, words: bool = False) -> SafeString:
    """Gold stars of a grade (`qualified`, `star3` to `star5`); with `words` the grade is also printed."""
    if not grade:
        return NOTHING
    word = GRADES[grade]
    count = STARS.get(grade, 0)
    if not count:
        return format_html('<span class="cb-grade">{}</span>', word)
    pictures = format_html_join("", "{}", ((icon("star-filled", "cb-star"),) for _number in range(count)))
    if words:
        return format_html(
            '<span class="cb-grade"><span class="cb-stars">{}</span> {}</span>', pictures, word
        )
    return format_html('<span class="cb-stars" role="img" aria-label="{}">{}</span>', word, pictures)


def _in_body_zone(value: date) -> date:
    return value.astimezone(clock.BODY_ZONE).date() if isinstance(value, datetime) else value


def distance(days: int) -> str:
    """Words for a day that lies `days` after today (before it, when negative)."""
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    if days == -1:
        return _("yesterday")
    if abs(days) >= DAYS_BEFORE_YEARS:
        years = abs(days) // 365
        if days > 0:
            return ngettext("in %(count)d year", "in %(count)d years", years) % {"count": years}
        return ngettext("%(count)d year ago", "%(count)d years ago", years) % {"count": years}
    if days > 0:
        return ngettext("in %(count)d day", "in %(count)d days", days) % {"count": days}
    return ngettext("%(count)d day ago", "%(count)d days ago", -days) % {"count": -days}


@register.filter
def distance_of(value: date) -> str:
    """How far a day is from today, in words."""
    return distance((_in_body_zone(value) - clock.today()).days)


@register.filter
def day(value: date | None) -> SafeString:
    """The day as an ISO date, then how far it is from today, in the body's zone."""
    if value is None:
        return NOTHING
    on = _in_body_zone(value)
    return format_html(
        '<span class="cb-day"><time datetime="{0}">{0}</time> <span class="cb-quiet cb-distance">· {1}</span></span>',
        on.isoformat(),
        distance_of(on),
    )


def _iso(value: date) -> str:
    return _in_body_zone(value).isoformat()


@register.simple_tag
def days(first: date | None, last: date | None, open_end: str = "") -> SafeString:
    """From one day to another, both inclusive, on one line; without a last day the words for an open end."""
    if first is None:
        return NOTHING
    begin, end = (
        format_html('<time datetime="{0}">{0}</time>', _iso(one)) if one else "" for one in (first, last)
    )
    if begin == end:
        return format_html('<span class="cb-days">{}</span>', begin)
    return format_html('<span class="cb-days">{} – {}</span>', begin, end or open_end)


@register.filter
def date_only(value: date | None) -> SafeString:
    """The day as an ISO date in the body's zone, for columns of dates where the distance would be noise."""
    if value is None:
        return NOTHING
    return format_html('<time class="cb-figures" datetime="{0}">{0}</time>', _in_body_zone(value).isoformat())


@register.filter
def moment(value: datetime | None) -> SafeString:
    """Date and minute in the body's zone."""
    if value is None:
        return NOTHING
    local = value.astimezone(clock.BODY_ZONE)
    return format_html(
        '<time class="cb-figures" datetime="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        local.strftime(MINUTE),
    )


@register.simple_tag
def now_in_body_zone() -> str:
    """This minute, for paper; a script sets it again when the page is printed later."""
    return clock.now().astimezone(clock.BODY_ZONE).strftime(MINUTE)


@register.filter
def points(value: Fraction | str | int | None) -> SafeString:
    """Points with two places, rounded down, so that 94.996 never reads as 95.00."""
    if value is None or value == "":
        return NOTHING
    return format_html('<span class="cb-figures">{}</span>', display(Fraction(value)))


@register.filter
def money(amount: Decimal | None) -> SafeString:
    """An amount in CNY with two places and grouped thousands."""
    if amount is None:
        return NOTHING
    figures = f"{Decimal(amount):,.2f}"
    return format_html('<span class="cb-money">{}</span>', _("CNY %(amount)s") % {"amount": figures})


def figure_of(amount: Decimal | None) -> SafeString:
    """An amount in a column whose heading names the currency."""
    return (
        NOTHING
        if amount is None
        else format_html('<span class="cb-money">{}</span>', f"{Decimal(amount):,.2f}")
    )


@register.simple_tag
def score_bar(obtained: Fraction | str | int, applicable: Fraction | str | int) -> SafeString:
    """A bar of the points obtained out of the points that apply; nothing applicable gives an empty bar."""
    got, whole = Fraction(obtained), Fraction(applicable)
    if whole:
        figures = {"obtained": display(got), "applicable": display(whole)}
        text = _("%(obtained)s of %(applicable)s points") % figures
        width = display(max(Fraction(0), min(Fraction(100), got / whole * 100)))
    else:
        text, width = _("No points apply"), "0"
    return format_html(
        '<svg class="cb-scorebar" role="img" aria-label="{}" viewBox="0 0 100 8" preserveAspectRatio="none">'
        '<rect class="cb-scorebar-track" width="100" height="8"></rect>'
        '<rect class="cb-scorebar-value" width="{}" height="8"></rect></svg>',
        text,
        width,
    )


@register.inclusion_tag("web/stage_dots.html")
def stage_dots(stages: Sequence[Any]) -> dict[str, Any]:
    """The way of a case as an ordered list; each stage has `label` and `state` (done, current, future)."""
    numbered = enumerate(stages, 1)
    current, now = next(((number, one) for number, one in numbered if one.state == "current"), (None, None))
    return {"stages": stages, "current": current, "now": now, "total": len(stages)}


@register.simple_tag
def page_title(what: str, which: str = "", reference: str = "") -> str:
    """What the page is and about which thing: `Audit · 华丰电器 2026-0142`."""
    subject = " ".join(str(part) for part in (which, reference) if part)
    return f"{what} · {subject}" if subject else str(what)


@register.simple_block_tag
def page_header(
    content: str, title: str, *, subtitle: str = "", back_url: str = "", back_label: str = ""
) -> str:
    """The head of a page; the content of the block is its actions, of which one at most is primary."""
    return render_to_string(
        "web/page_header.html",
        {
            "title": title,
            "subtitle": subtitle,
            "back_url": back_url,
            "back_label": back_label,
            "actions": content if content.strip() else "",
        },
    )


@register.simple_block_tag
def panel(
    content: str,
    title: str,
    *,
    count: int | None = None,
    url: str = "",
    url_label: str = "",
    flush: bool = False,
) -> str:
    """A titled card; `flush` lets a table or list reach its edges. One without content is not drawn."""
    if not content.strip():
        return ""
    return render_to_string(
        "web/panel.html",
        {
            "title": title,
            "count": count,
            "url": url,
            "url_label": url_label or pgettext("the whole list", "All"),
            "flush": flush,
            "content": content,
        },
    )


@register.simple_block_tag
def empty_state(content: str, title: str = "", *, icon_name: str = "inbox") -> str:
    """Where nothing is yet: the title says what will appear here, the content how to begin."""
    return render_to_string(
        "web/empty_state.html",
        {
            "title": title or _("Nothing here yet"),
            "icon_name": icon_name,
            "content": content,
        },
    )


@register.inclusion_tag("web/form_errors.html")
def error_summary(*forms: "BaseForm | BaseFormSet[Any] | None") -> dict[str, Any]:
    """All errors of the forms and formsets of a page, each with a link to its field."""
    entries: list[dict[str, str]] = []
    for given in forms:
        if isinstance(given, BaseFormSet):
            if given.is_bound:
                entries += [{"field": "", "message": str(message)} for message in given.non_form_errors()]
            members: list[BaseForm] = list(given.forms)
        else:
            members = [given] if given is not None else []
        for form in members:
            if form.is_bound:
                entries += _errors_of(form)
    return {"entries": entries}


def _errors_of(form: BaseForm) -> list[dict[str, str]]:
    entries = [{"field": "", "message": str(message)} for message in form.non_field_errors()]
    for bound in form:
        # a group of choices has no element of its own to go to, its first choice is the place to start
        target = "" if bound.is_hidden else bound.id_for_label or f"{bound.auto_id}_0"
        label = "" if bound.is_hidden else str(bound.label)
        entries += [{"field": target, "label": label, "message": str(message)} for message in bound.errors]
    return entries


@register.inclusion_tag("web/autosave_status.html")
def autosave_status() -> dict[str, Any]:
    """The line in which a form with `data-autosave` says whether what was typed is saved."""
    return {}


@register.inclusion_tag("web/copy_button.html")
def copy_button(text: str) -> dict[str, Any]:
    """A button that copies `text`; it appears only where JavaScript runs."""
    return {"text": text}


@register.filter
def drawn_rows(table: Table) -> Iterator[tuple[SafeString, list[tuple[SafeString, str, Any]]]]:
    """The rows of a page of a list: attributes of the row, and for each cell its attributes, heading and content.

    What is the same in every row is asked for once: attributes and headings cost more than the contents.
    """
    columns = list(table.columns)
    shared = [(column.attrs["td"].as_html(), str(column.header)) for column in columns]
    for row in table.paginated_rows:
        cells = (row.get_cell(column.name) for column in columns)
        drawn = [(*known, cell) for known, cell in zip(shared, cells, strict=True)]
        yield row.attrs.as_html(), drawn
