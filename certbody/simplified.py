"""Traditional characters as simplified ones, so that 「華豐」 and 「华丰」 compare as one word."""

from functools import cache
from typing import Any


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def simplified(text: str) -> str:
    converted: str = _converter().convert(text)
    return converted
