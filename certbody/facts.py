"""Questions that lower floors may ask and upper floors answer; nobody imports upward to ask them."""

from collections.abc import Callable
from typing import Any

_answers: dict[str, list[Callable[..., Any]]] = {}


def answer(question: str, function: Callable[..., Any]) -> None:
    """Register an answer; an upper floor calls this in its handovers."""
    known = _answers.setdefault(question, [])
    if function not in known:
        known.append(function)


def ask(question: str, **about: Any) -> list[Any]:
    """Collect what every registered answer says; nobody registered means nobody knows of anything."""
    return [function(**about) for function in _answers.get(question, [])]
