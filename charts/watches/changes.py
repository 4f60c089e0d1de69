"""One change of a row, from before it is written until after."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connections, models, transaction

from charts.freshness import marks
from charts.ledger import begin_write
from charts.watches.afar import mark_afar
from charts.watches.counting import Quiet, deciding_fields
from charts.watches.marking import holds, mark_ahead, mark_new, mark_old
from charts.watches.matching import held_values
from charts.watches.paths import all_rows
from charts.watches.routes import Route
from charts.watches.rows import charts_of, mark_far, mark_found, mark_keys, noted


@dataclass
class Change:
    """One change of a row, from before it is written until after.

    Attributes:
        row: the instance.
        using: the alias that is written.
        written: the names of the fields that are written; None: all.
        quiet: what does not count, unless other receivers change it before it is written.
        near: routes to charts in the same database, found by `match`.
        asked: routes whose charts a callable finds.
        far: routes to charts in another database.
        left: (route, what the row's charts are found by) noted before the change, for those that cannot be marked then.
        ahead: outside a transaction, what gathers the marks that are made before the change.
        is_new: whether it was taken for a row that is not in the database yet.
    """

    row: models.Model
    using: str
    written: Collection[str] | None = None
    quiet: Sequence[Quiet] = ()
    near: list[Route] = field(default_factory=list)
    asked: list[Route] = field(default_factory=list)
    far: list[Route] = field(default_factory=list)
    left: list[tuple[Route, list[Any]]] = field(default_factory=list)
    ahead: marks.Gathering | None = None
    is_new: bool = False

    @classmethod
    def of(
        cls,
        row: models.Model,
        using: str,
        heard: Iterable[Route],
        written: Collection[str] | None = None,
        quiet: Sequence[Quiet] = (),
    ) -> "Change":
        """Sort the routes of a change."""
        change = cls(row, using, written, quiet)
        for route in heard:
            if route.alias(row, using) != using:
                change.far.append(route)
            elif route.watch.charts:
                change.asked.append(route)
            else:
                change.near.append(route)
        return change

    def before(self, *, is_new: bool = False, is_going: bool = False, is_next: bool = True) -> None:
        """Mark, or note, the charts of the row as the database still has it.

        In a transaction the first statement is the mark, a write. Outside of one the marks are committed before the
        change they are for, so that a process that is killed in between loses nothing; they are applied after it.

        Args:
            is_new: whether it is not in the database yet.
            is_going: whether it is about to be deleted.
            is_next: whether no other row is written or deleted before it.
        """
        self.is_new = is_new
        if connections[self.using].in_atomic_block:
            if not is_new:
                self._mark_old(is_going=is_going, is_next=is_next)
            return
        marks.forget_applied(self.using)
        self.ahead = marks.Gathering(self.using)
        with marks.into(self.ahead):
            if is_new:
                mark_ahead(self.near, self.row, self.using)
            else:
                self._mark_old(is_going=is_going, is_next=is_next)
                self._mark_asked(self.row)

    def _mark_old(self, *, is_going: bool, is_next: bool) -> None:
        mark_old(self.near, self.row, self.using, self.written, is_going=is_going, is_next=is_next)
        if self.asked or self.far:
            begin_write(self.using, type(self.row))
            if is_next and holds(self.using):
                held_values(self.row, (), self.using, self.written)
        for route in self.asked:
            self._mark_asked(self._stored(route), [route])
        for route in self.far:
            old = self._stored(route) if route.watch.charts else None
            self.left.append((route, self._noted(route, old)))

    def _mark_asked(self, row: Any, routes: Iterable[Route] | None = None) -> None:
        for route in self.asked if routes is None else routes:
            mark_found(route, row, charts_of(route, row, self.using), self.using)

    def _stored(self, route: Route) -> Any:
        """Return the row as the database has it."""
        return route.model._base_manager.using(self.using).filter(pk=route.key_of(self.row)).first()

    def _noted(self, route: Route, row: Any) -> list[Any]:
        """Return what the charts of a row in another database are found by."""
        if route.watch.charts:
            return charts_of(route, row, self.using)
        return noted(route, [route.key_of(self.row)], self.using)

    def after(self, *, created: bool = True) -> None:
        """Mark the charts of the row as the database has it now, and those it left.

        Args:
            created: whether it was inserted.
        """
        is_lost = self.is_new and not created
        if self.ahead:
            with marks.gathered(self.using, self.ahead):
                # Whoever has waited for long may have had his marks applied, by others, before he wrote.
                self._mark_new(is_lost=is_lost or self.ahead.is_late)
        else:
            with transaction.mark_for_rollback_on_error(self.using):  # what fails to be marked is not committed
                self._mark_new(is_lost=is_lost)

    def _mark_new(self, *, is_lost: bool) -> None:
        """Mark those it joins and those it left; all, if it is lost which it left."""
        if is_lost:
            self._mark_all((*self.near, *self.asked, *self.far))
        mark_new(self.near, self.row, self.using, self.written)
        if self.asked:
            begin_write(self.using, type(self.row))
            self._mark_asked(self.row)
        self.depart()
        for route in self.far:
            self._mark_far(route, self._noted(route, self.row))
        for quiet in self.quiet:
            self._look_again(quiet)

    def _look_again(self, quiet: Quiet) -> None:
        """Mark by a change that was none before other receivers had a hand in it."""
        changed = quiet.changed(self.row)
        if not changed:
            return
        if quiet.route.watch.charts or any(field in deciding_fields(quiet.route) for field in changed):
            self._mark_all([quiet.route])
        mark_keys(quiet.route.model, [quiet.route.key_of(self.row)], [quiet.route], self.using)

    def _mark_all(self, routes: Iterable[Route]) -> None:
        """Mark every chart that the row may have left; those whose data is the same are not drawn."""
        for route in routes:
            alias = route.alias(self.row, self.using)
            charts = all_rows(route.chart_model)
            if alias == self.using:
                marks.mark_charts(charts, alias)
            else:
                mark_afar([charts], alias, self.using, key=(route,))

    def depart(self) -> None:
        """Mark the charts that were noted before the change."""
        for route, found in self.left:
            self._mark_far(route, found)

    def _mark_far(self, route: Route, found: list[Any]) -> None:
        if route.watch.charts:
            mark_found(route, self.row, found, self.using)
        else:
            mark_far(route, found, self.row, self.using)
