"""The forms of a page as a browser would send them back."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.test import Client


@dataclass
class FilledForm:
    action: str
    values: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[FilledForm] = []
        self._text: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(FilledForm(facts.get("action", "")))
        elif self.forms and tag == "input" and "name" in facts:
            is_choice = facts.get("type") in {"radio", "checkbox"}
            if facts.get("type") != "file" and (not is_choice or "checked" in facts):
                self.forms[-1].values[facts["name"]] = facts.get("value", "on" if is_choice else "")
        elif self.forms and tag == "textarea":
            self._text = facts["name"]
            self.forms[-1].values[self._text] = ""
        elif self.forms and tag == "select":
            self._select = facts["name"]
            self.forms[-1].values[self._select] = ""
        elif tag == "option" and self._select and "selected" in facts:
            self.forms[-1].values[self._select] = facts.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._text = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._text:
            # a browser drops the first line break of a textarea
            self.forms[-1].values[self._text] += data.removeprefix("\n")


def forms_of(text: str) -> list[FilledForm]:
    reader = _Reader()
    reader.feed(text)
    return reader.forms


def form_with(browser: Client, page: str, field_name: str, **values: str) -> FilledForm:
    """The form of a page that has this field and these values."""
    answer = browser.get(page)
    assert answer.status_code == 200, (page, answer.status_code)
    found = [
        form
        for form in forms_of(answer.text)
        if field_name in form.values and values.items() <= form.values.items()
    ]
    assert found, f"{page} has no form with {field_name} and {values}"
    return found[0]
