"""Numbers of identity documents: resident numbers by GB 11643, other documents by their form."""

import pytest
from django.core.exceptions import ValidationError

from certbody.accounts.identity import fingerprint
from certbody.accounts.identity_number import check_character, validate_identity_number


def fault_of(number: str) -> str:
    """The code of the sentence with which a number is refused; empty for one that is taken."""
    try:
        validate_identity_number(number)
    except ValidationError as refused:
        return str(refused.code)
    return ""


@pytest.mark.parametrize(
    "number",
    ["11010519491231002X", "11010519491231002x", "１１０１０５19491231002Ｘ", "110105 19491231 002X",
     "E12345678", "H08123456", "A123456(7)", "01234567"],
)  # fmt: skip
def test_a_number_is_taken_as_people_write_it(number: str) -> None:
    assert fault_of(number) == ""


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("110105194912310021", "check"),
        ("11010519491231020X", "check"),
        ("11010519490231002X", "birthday"),
        ("11010529491231002X", "birthday"),
        ("1101051949123100X", "length"),
        ("1101051949123100211", "length"),
        ("110105491231002", "length"),
        ("1234", "form"),
        ("不记得了", "form"),
        ("E12345678;DROP", "form"),
        ("11010519491231002Y", "length"),
    ],
)
def test_a_mistyped_number_is_refused_with_what_to_compare(number: str, code: str) -> None:
    assert fault_of(number) == code


def test_the_check_character_is_the_one_of_the_standard_s_examples() -> None:
    assert (check_character("11010519491231002"), check_character("44052418800101001")) == ("X", "4")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("11010519491231002X", "110105-19491231-002x"),
        ("E12345678", "Ｅ-1234 5678"),
        ("A123456(7)", "A1234567"),
    ],
)
def test_one_document_is_one_number_however_it_is_written(one: str, other: str) -> None:
    assert fingerprint(one) == fingerprint(other)
    assert fingerprint(one) != fingerprint(one.replace("1", "2", 1))
