"""The approved fields of the body as one setting."""

import pytest
from django.core.exceptions import ValidationError

from certbody.body.fields import read_fields
from certbody.body.settings_catalogue import default_of, entry
from certbody.body.settings_catalogue.checks import check_fields


def test_fields_are_codes_with_names_in_their_order() -> None:
    text = "SC03 批发和零售业服务； SC05  住宿 和 餐饮;\nSC1402 Repair services;"
    assert list(read_fields(text).items()) == [
        ("SC03", "批发和零售业服务"),
        ("SC05", "住宿 和 餐饮"),
        ("SC1402", "Repair services"),
    ]


@pytest.mark.parametrize("text", ["", " ; ", "批发和零售", "SC03", "sc03 retail", "SC03 retail; repair"])
def test_a_field_without_code_or_name_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        check_fields(text)


def test_the_default_is_an_example_that_the_body_has_to_set() -> None:
    known = entry("approved_fields")
    check_fields(default_of(known))
    assert known.is_to_be_set
