"""Words that others would try first: names of the body, the client and the account's owner, of the trade, of habit.

ASVS 5.0, 6.2.11. The list is printed in docs/configuration.md.
"""

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from certbody.accounts.models import User
from certbody.body.settings_catalogue import settings_of
from certbody.simplified import simplified

OF_THE_TRADE = (
    "认证机构", "认证中心", "认证证书", "商品售后服务", "售后服务认证", "星级认证", "审核员", "管理员",
    "certbody", "certification", "certificate", "auditor", "administrator", "aftersales", "27922",
)  # fmt: skip
# what Chinese passwords are made of most often, beside dates; Django's list of 20,000 knows few of them
OF_HABIT = (
    "123456789", "123456", "123123", "147258369", "5201314", "1314520", "201314", "584520", "7758521", "7758258",
    "woaini", "woaiwo", "admin", "root",
)  # fmt: skip
SHORTEST_WORD = 4
SHORTEST_REST = 8
LONGEST_EXAMINED = 256  # whoever types more does not rely on a name
WORD = re.compile(r"[a-z0-9]+")
DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
IDEOGRAPHS = re.compile(r"[\u3400-\u9fff]{2,}")


def plain(text: str) -> str:
    """Width, case and traditional characters make no difference."""
    return simplified(unicodedata.normalize("NFKC", text)).casefold()


class ContextWordsValidator:
    """Refuses a password whose rest, without such words, would be none: fewer than 8 characters, or a common one.

    Any two neighbouring characters of a Chinese name count as a part of it (华丰 of 深圳华丰电器有限公司); of a Latin
    name or an e-mail address its words of four letters and more; of days those written with eight digits. Spaces
    and punctuation are no part of the rest.
    """

    def validate(self, password: str, user: User | None = None) -> None:
        rest, found = _without(plain(password[:LONGEST_EXAMINED]), [plain(name) for name in _names(user)])
        if not found or len(password) > LONGEST_EXAMINED:
            return
        rest = "".join(character for character in rest if unicodedata.category(character)[0] not in "ZP")
        if len(rest) < SHORTEST_REST or rest in CommonPasswordValidator().passwords:
            raise ValidationError(
                _(
                    "Others would try this first: %(words)s. Without such names, at least %(length)d characters that "
                    "nobody guesses must remain."
                )
                % {"words": ", ".join(found), "length": SHORTEST_REST},
                code="password_of_names",
            )

    def get_help_text(self) -> str:
        return _(
            "Names of the body, of your company and of yourself do not count towards the length of a password."
        )


def _names(user: User | None) -> Iterator[str]:
    yield from OF_THE_TRADE
    yield from OF_HABIT
    yield from map(str, settings_of(["body_name", "body_name_en"]).values())
    yield urlsplit(settings.CERTBODY_URL).hostname or ""
    if user is None:
        return
    yield user.email
    if user.person_id is not None:
        yield from (user.person.name, user.person.name_en)
        for names in user.organisations.values_list("name", "name_en"):
            yield from names


def _without(password: str, names: list[str]) -> tuple[str, list[str]]:
    """The password without the parts of these names, and those parts, longest first."""
    words = {word for name in names for word in WORD.findall(name) if len(word) >= SHORTEST_WORD}
    words |= set(DAY.findall(password))
    names_in_characters = [run for name in names for run in IDEOGRAPHS.findall(name)]
    for written in IDEOGRAPHS.findall(password):
        words |= set(_runs(written, names_in_characters))
    found = []
    for word in sorted(words, key=len, reverse=True):
        if word in password:
            found.append(word)
            password = password.replace(word, " ")
    return password, found


def _runs(written: str, names: list[str]) -> Iterator[str]:
    """The longest runs of at least two neighbouring characters that stand in one of the names too."""
    start = 0
    while start < len(written) - 1:
        end = start + 2
        if not any(written[start:end] in name for name in names):
            start += 1
            continue
        while end < len(written) and any(written[start : end + 1] in name for name in names):
            end += 1
        yield written[start:end]
        start = end
