"""Sources that reach their charts by roundabout ways: over parents, proxies, link tables of the project's own."""

from typing import Any, ClassVar

from django.db import models

from charts.models import ChartModel
from charts.watches import Watch, WatchedManager
from tests.library.models.sources import Drawn


class Named(models.Model):
    """What the rows here share."""

    name = models.CharField(max_length=50)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Labelled(Drawn):
    """What the charts here share."""

    label = models.CharField(max_length=50)

    class Meta:
        abstract = True


# Proxies


class Tool(Named):
    objects = WatchedManager()


class LentTool(Tool):
    class Meta:
        proxy = True

    @property
    def lent_as(self) -> str:
        """What only the proxy knows."""
        return f"{self.name} lent"


class Handle(models.Model):
    tool = models.ForeignKey(LentTool, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return f"Handle {self.pk}"


class LentToolChart(Labelled):
    """A proxy is the source."""

    watches: ClassVar[list[Watch]] = [
        Watch("library.LentTool", match={"label": "name"}),
        Watch("library.LentTool", charts=lambda tool: LentToolChart.objects.filter(label=tool.lent_as)),
    ]


class HandleChart(Labelled):
    """A path leads over a proxy."""

    watches: ClassVar[list[Watch]] = [Watch("library.Handle", match={"label": "tool__name"})]


class ToolChart(Drawn):
    """Each row of a proxy has its chart."""

    tool = models.ForeignKey(LentTool, on_delete=models.CASCADE)
    for_each = "tool"


class LentToolNote(models.Model):
    """A row that loses its proxy."""

    tool = models.ForeignKey(LentTool, on_delete=models.SET_NULL, null=True)
    topic = models.CharField(max_length=50)

    def __str__(self) -> str:
        return self.topic


# Parents


class Being(Named):
    tags = models.ManyToManyField("library.Tag", related_name="beings")

    objects = WatchedManager()


class Visitor(Being):
    is_member = models.BooleanField(default=False)


class Donor(Visitor):
    amount = models.IntegerField(default=0)


class Gift(models.Model):
    donor = models.ForeignKey(Donor, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return f"Gift {self.pk}"


class DonorChart(Labelled):
    """A grandparent's column decides."""

    watches: ClassVar[list[Watch]] = [Watch("library.Donor", match={"label": "name"})]


class Diary(models.Model):
    """A row that loses what is perhaps a child."""

    being = models.ForeignKey(Being, on_delete=models.SET_NULL, null=True)
    topic = models.CharField(max_length=50)

    def __str__(self) -> str:
        return self.topic


class NoteChart(Labelled):
    """Of rows that lose what they point to."""

    watches: ClassVar[list[Watch]] = [
        Watch("library.LentToolNote", match={"label": "topic"}),
        Watch("library.Diary", match={"label": "topic"}),
    ]


class AmountChart(Labelled):
    """Only a column of the child counts."""

    watches: ClassVar[list[Watch]] = [Watch("library.Donor", match={"label": "name"}, fields=["amount"])]


class GiftChart(Labelled):
    """A path leads to the column of a grandparent."""

    watches: ClassVar[list[Watch]] = [
        Watch("library.Gift", match={"label": "donor__name"}),
        Watch("library.Gift", match={"label": "donor__tags__name"}),
    ]


class DonorSideChart(Labelled):
    """A path on the chart's side leads to the column of a grandparent."""

    donor = models.ForeignKey(Donor, on_delete=models.CASCADE)
    watches: ClassVar[list[Watch]] = [Watch("library.Tag", match={"donor__name": "name"})]


def of_donor(donor: Any) -> "models.QuerySet[Any]":
    """Return the charts of a donor, and remember who asked."""
    AskedDonorChart.asked.append(donor)
    return AskedDonorChart.objects.filter(label=f"{donor.name} {donor.amount}")


class AskedDonorChart(Labelled):
    """A callable finds the charts of a child."""

    asked: ClassVar[list[Any]] = []
    watches: ClassVar[list[Watch]] = [Watch("library.Donor", charts=of_donor)]


class Building(Named):
    """A row that a chart is a child of."""


class BuildingChart(Building, ChartModel):
    """A chart that is also a row of something else."""

    def draw(self, figure: Any, data: Any) -> None:
        figure.subplots()


# Charts' own relations


class District(Named):
    pass


class Sale(models.Model):
    district = models.ForeignKey(District, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return f"Sale {self.pk}"


class DistrictsChart(Labelled):
    """The chart's own links decide; others are in its picture."""

    districts = models.ManyToManyField(District)
    neighbours = models.ManyToManyField(District, related_name="+")
    partners = models.ManyToManyField(District, through="Partner", related_name="partnered")
    capital = models.ForeignKey(District, on_delete=models.SET_NULL, null=True, related_name="capital_of")
    watches: ClassVar[list[Watch]] = [Watch("library.Sale", match={"districts": "district"})]


class RemarkChart(Drawn):
    """A chart that keeps the key of what is gone."""

    district = models.ForeignKey(District, on_delete=models.DO_NOTHING, db_constraint=False, null=True)


class Partner(models.Model):
    """A chart's links in a table of the project's own."""

    chart = models.ForeignKey(DistrictsChart, on_delete=models.CASCADE, related_name="+")
    district = models.ForeignKey(District, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return f"Partner {self.pk}"


# Link tables of the project's own


class Spice(Named):
    code = models.CharField(max_length=20, unique=True)


class Recipe(Named):
    code = models.CharField(max_length=20, unique=True)
    spices = models.ManyToManyField(Spice, through="Dose", related_name="recipes")


class Dose(models.Model):
    """Its foreign keys hold other columns than keys."""

    spice = models.ForeignKey(Spice, on_delete=models.CASCADE, to_field="code")
    recipe = models.ForeignKey(Recipe, on_delete=models.CASCADE, to_field="code")

    def __str__(self) -> str:
        return f"Dose {self.pk}"


class RecipeChart(Labelled):
    watches: ClassVar[list[Watch]] = [Watch("library.Recipe", match={"label": "name"})]


class SpiceChart(Labelled):
    watches: ClassVar[list[Watch]] = [Watch("library.Recipe", match={"label": "spices__name"})]


class Player(Named):
    pass


class Team(Named):
    """Rows of two relations lie in one table, which hides the ways back."""

    members = models.ManyToManyField(
        Player, through="Membership", through_fields=("team", "player"), related_name="teams"
    )
    guests = models.ManyToManyField(
        Player, through="Membership", through_fields=("team", "guest"), related_name="hosts"
    )


class Membership(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    player = models.ForeignKey(Player, on_delete=models.CASCADE, related_name="+", null=True)
    guest = models.ForeignKey(Player, on_delete=models.CASCADE, related_name="+", null=True)

    def __str__(self) -> str:
        return f"Membership {self.pk}"


class Squad(Team):
    """A child whose links are its parent's."""


class Match(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return f"Match {self.pk}"


class MemberChart(Labelled):
    watches: ClassVar[list[Watch]] = [Watch("library.Team", match={"label": "members__name"})]


class SquadChart(Labelled):
    watches: ClassVar[list[Watch]] = [Watch("library.Squad", match={"label": "members__name"})]


class MatchChart(Labelled):
    """Hidden rows are in the middle of the path."""

    watches: ClassVar[list[Watch]] = [Watch("library.Match", match={"label": "team__members__name"})]


class PlayerChart(Labelled):
    watches: ClassVar[list[Watch]] = [Watch("library.Player", match={"label": "name"})]


class TeamKeyChart(Drawn):
    """Which charts a row belongs to counts, whatever fields do."""

    player = models.ForeignKey(Player, on_delete=models.CASCADE)
    watches: ClassVar[list[Watch]] = [Watch("library.Team", match={"player": "members"}, fields=["name"])]


class Band(Named):
    players = models.ManyToManyField(Player, through="Gig", related_name="bands")


class Gig(models.Model):
    band = models.ForeignKey(Band, on_delete=models.CASCADE)
    player = models.ForeignKey(Player, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return f"Gig {self.pk}"


class Orchestra(Band):
    """A child; the table between points to its parent."""


class OrchestraChart(Labelled):
    watches: ClassVar[list[Watch]] = [Watch("library.Orchestra", match={"label": "players__name"})]


class Soul(Named):
    follows = models.ManyToManyField(
        "self", through="Follow", symmetrical=False, through_fields=("fan", "idol"), related_name="followers"
    )


class Follow(models.Model):
    """Both its foreign keys lead to the same model."""

    fan = models.ForeignKey(Soul, on_delete=models.CASCADE, related_name="as_fan")
    idol = models.ForeignKey(Soul, on_delete=models.CASCADE, related_name="as_idol")

    def __str__(self) -> str:
        return f"Follow {self.pk}"


class FollowerChart(Labelled):
    """Of each soul, by the names of those who follow it."""

    follower = models.CharField(max_length=50)
    watches: ClassVar[list[Watch]] = [
        Watch("library.Soul", match={"label": "name", "follower": "followers__name"}),
    ]


# Charts for each


class Coded(Named):
    code = models.CharField(max_length=20, unique=True)


class CodedChart(Drawn):
    """A chart whose foreign key holds another column than a key."""

    coded = models.ForeignKey(Coded, on_delete=models.CASCADE, to_field="code", db_constraint=False)
    for_each = "coded"


if hasattr(models, "DB_CASCADE"):  # Django 6.1: the database deletes, and tells nobody

    class Branch(Named):
        """Rows that go with those of their own kind."""

        up = models.ForeignKey("self", on_delete=models.DB_CASCADE, null=True)

    class Leaf(models.Model):
        branch = models.ForeignKey(Branch, on_delete=models.DB_SET_NULL, null=True)
        colour = models.CharField(max_length=50)

        def __str__(self) -> str:
            return self.colour

    class BranchChart(Labelled):
        watches: ClassVar[list[Watch]] = [Watch("library.Branch", match={"label": "name"})]

    class LeafChart(Labelled):
        watches: ClassVar[list[Watch]] = [Watch("library.Leaf", match={"label": "colour"})]
