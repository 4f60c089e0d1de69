"""Charts with every theme, density and format, and a site that shows them."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from charts.fields import Options
from tests.shop.models import Customer, MonthlyRevenue, Order, Region
from tests.showing import site as sites


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    cache.clear()
    sites.pages.clear()
    yield
    cache.clear()


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Change the options of the charts' picture field: `options(themes=("light",))`."""
    field = MonthlyRevenue._meta.get_field("image")

    def change(**chosen: Any) -> None:
        monkeypatch.setattr(field, "options", Options(**{"size": (320, 180), "themes": ("light", "dark"), **chosen}))

    change(formats=("png", "svg", "csv"))
    return change


@pytest.fixture
def revenue(transactional_db: None, options: Any) -> MonthlyRevenue:
    """A rendered chart of twelve months, with its numbers."""
    return drawn()


def drawn(name: str = "North") -> MonthlyRevenue:
    """Return a chart with twelve months of orders, as its row is."""
    region = Region.objects.create(name=name)
    customer = Customer.objects.create(region=region)
    totals = (1200, 1350, 1500, 1420, 1610, 1730, 1690, 1850, 2010, 1980, 2150, 12400)
    Order.objects.bulk_create([Order(customer=customer, month=n + 1, total=each) for n, each in enumerate(totals)])
    return MonthlyRevenue.objects.get(pk=MonthlyRevenue.objects.create(region=region).pk)


@pytest.fixture
def site(settings: Any, live_server: Any) -> str:
    """Serve `tests.showing.site`; return its address."""
    settings.ROOT_URLCONF = "tests.showing.site"
    return str(live_server.url)
