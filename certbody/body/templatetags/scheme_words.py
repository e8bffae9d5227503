from collections.abc import Iterable

from django import template
from django.forms import BaseForm, BoundField
from django.utils.translation import get_language, pgettext

from certbody.scheme.model import Words

register = template.Library()


@register.filter
def words(text: Words) -> str:
    """A text of a scoring table in the language of the page."""
    return text.in_language(get_language() or "en")


@register.filter
def field_named(form: BaseForm, name: str) -> BoundField:
    """The field of a clause: its name is the number of the clause, which a template cannot write as an attribute."""
    return form[name]


@register.filter
def listed(items: Iterable[object]) -> str:
    """Several words or numbers in one line, parted as the language of the page parts them."""
    return pgettext("between the items of a list", ", ").join(str(item) for item in items)
