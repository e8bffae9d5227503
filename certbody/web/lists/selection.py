from typing import Any

import django_tables2
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

FORM = "chosen"  # the form below the table that the marks belong to


class SelectColumn(django_tables2.Column):
    """A box before each row, for the actions on several rows."""

    def __init__(self) -> None:
        super().__init__(
            verbose_name=_("Choose"),
            accessor="pk",
            orderable=False,
            attrs={"td": {"class": "cb-choose"}, "th": {"class": "cb-choose"}},
        )

    def render(self, value: Any, record: Any) -> SafeString:
        return format_html(
            '<input type="checkbox" class="form-check-input" name="rows" value="{}" form="{}" aria-label="{}">',
            value,
            FORM,
            record,
        )
