"""The checker itself: it must find what it looks for, or the tests of this folder prove nothing."""

from tests.faults.history import History, judge


def history_of(**results: str) -> History:
    history = History()
    for key, result in results.items():
        history.note(int(key.removeprefix("k")), 0.0, result)
    return history


def test_an_acknowledged_effect_must_be_there_exactly_once() -> None:
    history = history_of(k1="ok", k2="ok", k3="ok")
    assert judge(history, {1: 1, 2: 1, 3: 1}).is_clean
    assert judge(history, {1: 1, 2: 1}).lost == (3,)
    assert judge(history, {1: 1, 2: 2, 3: 1}).doubled == (2,)


def test_an_unknown_effect_may_be_there_once_or_not_at_all() -> None:
    history = history_of(k1="info", k2="info")
    assert judge(history, {1: 1}).is_clean
    assert judge(history, {1: 2}).doubled == (1,)


def test_a_refused_effect_must_not_be_there() -> None:
    history = history_of(k1="fail")
    assert judge(history, {}).is_clean
    assert judge(history, {1: 1}).unasked == (1,)
    assert judge(history, {7: 1}).unasked == (7,)
