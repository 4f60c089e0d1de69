"""Charts in Django's admin: see the picture and its state, and regenerate."""

from charts.admin.mixin import ChartAdmin, ChartAdminMixin
from charts.admin.states import STATES, StateFilter, state_of, with_state

__all__ = ["STATES", "ChartAdmin", "ChartAdminMixin", "StateFilter", "state_of", "with_state"]
