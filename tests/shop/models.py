"""A shop with regions, customers and orders, and charts of them: what a user of the app would write."""

import os
import signal
import time
from typing import Any, ClassVar
from uuid import uuid4

from django.db import models
from django.db.models.functions import Upper

from charts.fields import ChartImageField
from charts.models import ChartModel
from charts.watches import Watch


class Region(models.Model):
    name = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name


class Customer(models.Model):
    region = models.ForeignKey(Region, on_delete=models.CASCADE, null=True)

    def __str__(self) -> str:
        return f"Customer {self.pk}"


class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    month = models.PositiveSmallIntegerField(default=1)
    total = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"Order {self.pk}"


class MonthlyRevenue(ChartModel):
    """The chart most tests use: small, quick, with everything a contract line needs."""

    region = models.ForeignKey(Region, on_delete=models.CASCADE)
    title = models.CharField(max_length=200, default="", blank=True)

    image = ChartImageField(size=(320, 180), themes=("light", "dark"), densities=(1, 2), formats=("png", "svg"))

    watches: ClassVar[list[Watch]] = [
        Watch("shop.Order", match={"region": "customer__region"}),
        Watch("shop.Region", charts=lambda region: MonthlyRevenue.objects.filter(region=region)),
    ]

    def __str__(self) -> str:
        return self.title or f"Revenue of region {self.region_id}"

    def get_data(self) -> list[tuple[int, int]]:
        orders = Order.objects.filter(customer__region=self.region).values("month")
        rows = orders.annotate(sum=models.Sum("total")).order_by("month")
        return [(row["month"], row["sum"]) for row in rows]

    def draw(self, figure: Any, data: list[tuple[int, int]]) -> None:
        axes = figure.subplots()
        axes.bar([month for month, _ in data], [total for _, total in data])
        axes.set_title(self.title or f"Revenue, {self.region}")


class Scripted(ChartModel):
    """A chart whose hooks are set by a test: `Scripted.script = {...}`."""

    name = models.CharField(max_length=100, default="")
    value = models.IntegerField(default=0)

    image = ChartImageField(size=(200, 120), densities=(1,))

    script: ClassVar[dict[str, Any]] = {}
    recipe_version = "1"

    def __str__(self) -> str:
        return self.name or f"Scripted {self.pk}"

    def get_data(self) -> Any:
        hook = self.script.get("get_data")
        return hook(self) if hook else self.value

    def draw(self, figure: Any, data: Any) -> Any:
        hook = self.script.get("draw")
        if hook:
            return hook(self, figure, data)
        figure.subplots().plot([0, data or 0])
        return None


class Portrait(ChartModel):
    """A chart with a second picture, for small screens."""

    image = ChartImageField(size=(320, 180), themes=("light", "dark"), densities=(1,))
    narrow = ChartImageField(size=(180, 240), themes=("light", "dark"), densities=(1,))

    def __str__(self) -> str:
        return f"Portrait {self.pk}"

    def draw(self, figure: Any, data: Any) -> None:
        figure.subplots().plot([1, 3, 2])


class Profile(models.Model):
    """No chart: a model with a plain ImageField, as most projects have one."""

    name = models.CharField(max_length=100, default="")
    photo = models.ImageField(upload_to="photos", blank=True, width_field="photo_width", height_field="photo_height")
    photo_width = models.PositiveIntegerField(null=True)
    photo_height = models.PositiveIntegerField(null=True)

    def __str__(self) -> str:
        return self.name


class Account(models.Model):
    name = models.CharField(max_length=100, default="")

    def __str__(self) -> str:
        return self.name or f"Account {self.pk}"


class Entry(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    amount = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"Entry {self.pk}"


class Balance(ChartModel):
    """A chart whose files say what data they were drawn from: one of them is the numbers themselves."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    title = models.CharField(max_length=100, default="")

    image = ChartImageField(
        size=(48, 32), densities=(1,), themes=("light", "dark"), formats=("png", "csv"), layout=None
    )

    watches: ClassVar[list[Watch]] = [Watch("shop.Entry", match={"account": "account"})]
    recipe_version = "1"

    def __str__(self) -> str:
        return self.title or f"Balance of account {self.account_id}"

    def get_data(self) -> list[int]:
        return list(Entry.objects.filter(account=self.account_id).order_by("pk").values_list("amount", flat=True))

    def draw(self, figure: Any, data: list[int]) -> None:
        from matplotlib.lines import Line2D

        # No axes: this chart is drawn some thousand times.
        figure.add_artist(Line2D([0, *(0 for _ in data)], [1, *data]))

    def get_table(self, data: list[int]) -> list[tuple[str, int]]:
        return [("title", "amount"), *((self.title, amount) for amount in data)]

    def get_alt_text(self, figure: Any, data: list[int]) -> str:
        return f"{self.title}: {data}"


class Valued(ChartModel):
    """What the charts with unusual keys have in common."""

    value = models.IntegerField(default=0)

    image = ChartImageField(size=(48, 32), densities=(1,), layout=None)

    class Meta:
        abstract = True

    def get_data(self) -> int:
        return self.value

    def draw(self, figure: Any, data: int) -> None:
        if data < 0:
            raise ValueError("nothing is worth less than nothing")
        figure.add_axes((0, 0, 1, 1)).plot([0, data])


class Badge(Valued):
    """A chart whose key databases write differently: a UUID."""

    id = models.UUIDField(primary_key=True, default=uuid4)

    def __str__(self) -> str:
        return f"Badge {self.id}"


class Country(Valued):
    """A chart with a text for a key, which may hold anything."""

    code = models.CharField(max_length=100, primary_key=True)

    def __str__(self) -> str:
        return f"Country {self.code}"


class Statement(Valued):
    """A chart whose key is another row's."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True)

    def __str__(self) -> str:
        return f"Statement of account {self.account_id}"


class Survey(ChartModel):
    """A chart of its own upload, and of rows that are edited with it."""

    name = models.CharField(max_length=50)
    sheet = models.FileField(upload_to="sheets", blank=True)
    created = models.DateTimeField(auto_now_add=True)
    loud = models.GeneratedField(
        expression=Upper("name"), output_field=models.CharField(max_length=50), db_persist=True
    )

    image = ChartImageField(size=(200, 120), themes=("light", "dark"), densities=(1, 2))

    def __str__(self) -> str:
        return self.name

    def get_data(self) -> list[int]:
        uploaded = [len(self.sheet.open().read())] if self.sheet else []
        return [*uploaded, *self.answer_set.order_by("pk").values_list("value", flat=True)]

    def draw(self, figure: Any, data: list[int]) -> None:
        axes = figure.subplots()
        axes.bar(range(len(data)), data)
        axes.set_title(self.name)

    def get_alt_text(self, figure: Any, data: list[int]) -> str:
        return f"{self.name}: {data}"


class Answer(models.Model):
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE)
    value = models.IntegerField()

    def __str__(self) -> str:
        return f"Answer {self.pk}"


class Misbehaving(ChartModel):
    """A chart that does in `draw()` what its name says, for tests of worker processes."""

    name = models.CharField(max_length=20)
    value = models.IntegerField(default=0)

    image = ChartImageField(size=(200, 120), densities=(1,))

    def __str__(self) -> str:
        return self.name

    def draw(self, figure: Any, data: Any) -> None:
        if self.name == "hangs":
            while True:
                pass
        if self.name == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.name == "exits":
            os._exit(0)
        if self.name == "eats":
            figure.eaten = [bytes(2**20) for _ in range(4_000)]
        if self.name == "raises":
            raise ZeroDivisionError
        if self.name == "slow":
            time.sleep(1.5)
        figure.subplots().plot([0, self.value])


class Drawn(ChartModel):
    """What the declarations of tests have in common: they can be drawn."""

    class Meta:
        abstract = True
        app_label = "shop"

    def draw(self, figure: Any, data: Any) -> None:
        figure.subplots().plot([1, 2])
