"""From which address a request comes."""

import pytest
from django.test import RequestFactory

from certbody.accounts.origin import client_address


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("unix socket", None),
    ],
)
def test_an_address_is_the_same_over_either_version_of_the_protocol(written: str, meant: str | None) -> None:
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=written)) == meant
