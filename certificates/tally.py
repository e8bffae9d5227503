"""Counting a vote: quorum and majority computed from the seats, plain Python."""

from collections.abc import Iterable
from dataclasses import dataclass

from certificates.states import Capacity, Choice, Majority


@dataclass(frozen=True)
class Vote:
    """One seat as the count sees it: `choice` is empty while the seat has not voted."""

    capacity: str
    choice: str = ""
    is_recused: bool = False


@dataclass(frozen=True)
class Tally:
    """The result of a count.

    A recused seat counts for nothing. The quorum is reached when at least `quorum` seats that are not recused have
    voted. An abstention counts towards the quorum and is no vote cast. A tie refuses the motion unless the chair
    voted for it and the body lets the chair's vote break a tie; that holds for the simple majority only.
    """

    seats: int
    cast: int
    votes_for: int
    votes_against: int
    abstained: int
    has_quorum: bool
    is_carried: bool


def count(votes: Iterable[Vote], *, quorum: int, majority: str, chair_breaks_tie: bool) -> Tally:
    seated = [vote for vote in votes if not vote.is_recused]
    cast = [vote for vote in seated if vote.choice]
    votes_for = sum(vote.choice == Choice.FOR for vote in cast)
    votes_against = sum(vote.choice == Choice.AGAINST for vote in cast)
    chair_is_for = any(vote.capacity == Capacity.CHAIR and vote.choice == Choice.FOR for vote in cast)
    has_quorum = len(cast) >= quorum
    carried = _carries(votes_for, votes_against, majority) or (
        majority == Majority.MORE_THAN_HALF
        and votes_for == votes_against > 0
        and chair_breaks_tie
        and chair_is_for
    )
    return Tally(
        seats=len(seated),
        cast=len(cast),
        votes_for=votes_for,
        votes_against=votes_against,
        abstained=len(cast) - votes_for - votes_against,
        has_quorum=has_quorum,
        is_carried=has_quorum and carried,
    )


def _carries(votes_for: int, votes_against: int, majority: str) -> bool:
    total = votes_for + votes_against
    if total == 0:
        return False
    if majority == Majority.ALL:
        return votes_against == 0
    if majority == Majority.TWO_THIRDS:
        return 3 * votes_for >= 2 * total
    return 2 * votes_for > total
