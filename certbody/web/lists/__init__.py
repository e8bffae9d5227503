"""Lists of the desk: one definition gives filters, order, pages, saved filters, actions on several rows and exports."""

from certbody.web.lists.actions import BulkAction, by_step
from certbody.web.lists.definition import (
    ChoiceOf,
    DaysAhead,
    Filter,
    Rows,
    Sort,
    StaffList,
    equal,
    list_of,
    register,
)

__all__ = [
    "BulkAction",
    "ChoiceOf",
    "DaysAhead",
    "Filter",
    "Rows",
    "Sort",
    "StaffList",
    "by_step",
    "equal",
    "list_of",
    "register",
]
