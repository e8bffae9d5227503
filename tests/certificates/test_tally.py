import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.states import Capacity, Choice, Majority
from certificates.tally import Vote, count

FOR, AGAINST, ABSTAIN = Choice.FOR, Choice.AGAINST, Choice.ABSTAIN


def carried(
    *choices: str,
    quorum: int = 3,
    majority: str = Majority.MORE_THAN_HALF,
    chair: str = "",
    breaks_tie: bool = True,
) -> bool:
    votes = [Vote(Capacity.MEMBER, choice) for choice in choices]
    if chair:
        votes.append(Vote(Capacity.CHAIR, chair))
    return count(votes, quorum=quorum, majority=majority, chair_breaks_tie=breaks_tie).is_carried


@pytest.mark.parametrize(
    ("choices", "is_carried"),
    [
        ((FOR, FOR, FOR), True),
        ((FOR, FOR, AGAINST), True),
        ((FOR, AGAINST, AGAINST), False),
        ((FOR, AGAINST, ABSTAIN), False),
        ((FOR, ABSTAIN, ABSTAIN), True),
        ((ABSTAIN, ABSTAIN, ABSTAIN), False),
        ((FOR, FOR, ""), False),
    ],
)
def test_more_than_half_of_the_votes_cast_carries_once_the_quorum_has_voted(
    choices: tuple[str, ...], is_carried: bool
) -> None:
    assert carried(*choices) is is_carried


def test_the_chair_s_vote_breaks_a_tie_only_in_favour_and_only_where_the_body_says_so() -> None:
    assert carried(FOR, AGAINST, AGAINST, chair=FOR)
    assert not carried(FOR, FOR, AGAINST, chair=AGAINST)
    assert not carried(FOR, AGAINST, AGAINST, chair=FOR, breaks_tie=False)
    assert not carried(FOR, AGAINST, AGAINST, FOR, chair=ABSTAIN)


def test_two_thirds_and_unanimity_count_exactly() -> None:
    assert carried(FOR, FOR, AGAINST, majority=Majority.TWO_THIRDS)
    assert not carried(FOR, FOR, FOR, AGAINST, AGAINST, majority=Majority.TWO_THIRDS)
    assert carried(FOR, FOR, ABSTAIN, majority=Majority.ALL)
    assert not carried(FOR, FOR, FOR, AGAINST, majority=Majority.ALL)
    assert not carried(FOR, AGAINST, AGAINST, chair=FOR, majority=Majority.TWO_THIRDS)


def test_a_recused_seat_counts_for_nothing() -> None:
    votes = [
        Vote(Capacity.MEMBER, FOR),
        Vote(Capacity.MEMBER, FOR),
        Vote(Capacity.MEMBER, FOR, is_recused=True),
    ]
    tally = count(votes, quorum=3, majority=Majority.MORE_THAN_HALF, chair_breaks_tie=True)
    assert (tally.seats, tally.cast, tally.has_quorum, tally.is_carried) == (2, 2, False, False)


votes = st.lists(
    st.builds(Vote, st.just(Capacity.MEMBER), st.sampled_from(["", *Choice.values]), st.booleans()),
    max_size=9,
)


@given(votes, st.integers(2, 5), st.sampled_from(Majority.values))
def test_one_more_vote_against_never_carries_a_motion_that_failed(
    given_votes: list[Vote], quorum: int, majority: str
) -> None:
    before = count(given_votes, quorum=quorum, majority=majority, chair_breaks_tie=True)
    after = count(
        [*given_votes, Vote(Capacity.MEMBER, AGAINST)],
        quorum=quorum,
        majority=majority,
        chair_breaks_tie=True,
    )
    assert after.votes_for == before.votes_for
    if before.has_quorum and not before.is_carried:
        assert not after.is_carried
