"""By which ways changed rows reach charts: over parents, proxies, links of every kind, and what databases delete."""

from typing import Any

import pytest
from django.db import models, transaction

from charts.ledger import Mark
from charts.watches import links, source_changed
from charts.watches.routes import routes
from tests.library.models import (
    AmountChart,
    AskedDonorChart,
    Band,
    Being,
    Building,
    BuildingChart,
    Coded,
    CodedChart,
    Diary,
    District,
    DistrictsChart,
    Donor,
    DonorChart,
    DonorSideChart,
    Dose,
    Follow,
    FollowerChart,
    Gift,
    GiftChart,
    Gig,
    Handle,
    HandleChart,
    LentTool,
    LentToolChart,
    LentToolNote,
    Match,
    MatchChart,
    MemberChart,
    Membership,
    NoteChart,
    Orchestra,
    OrchestraChart,
    Partner,
    Player,
    PlayerChart,
    Recipe,
    RecipeChart,
    RemarkChart,
    Sale,
    Soul,
    Spice,
    SpiceChart,
    Squad,
    SquadChart,
    Tag,
    Team,
    TeamKeyChart,
    Tool,
    ToolChart,
    Visitor,
)

pytestmark = pytest.mark.usefixtures("database")
NAMES = ("A", "B", "C")


@pytest.fixture(autouse=True)
def _by_hand(settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}


@pytest.fixture(params=[True, False], ids=["atomic", "autocommit"])
def saving(request: pytest.FixtureRequest, database: str) -> Any:
    """Inside of a transaction and outside of one: a context for each change."""
    return (lambda: transaction.atomic(using=database)) if request.param else _nothing


class _nothing:  # noqa: N801  (a context, as `transaction.atomic` is one)
    def __enter__(self) -> None: ...

    def __exit__(self, *args: object) -> None: ...


def labelled(*chart_models: Any, names: tuple[str, ...] = NAMES, **values: Any) -> None:
    for chart_model in chart_models:
        for name in names:
            chart_model.objects.create(label=name, **values)
        settle(chart_model)


def settle(*chart_models: Any) -> None:
    for chart_model in chart_models:
        chart_model.objects.update(data_version=0)


def marked(chart_model: Any, field: str = "label") -> str:
    """Return the labels of the charts that were marked since the last time."""
    found = "".join(
        sorted(str(each) for each in chart_model.objects.filter(data_version__gt=0).values_list(field, flat=True))
    )
    settle(chart_model)
    return found


# Proxies


def test_a_row_of_a_proxys_table_counts_for_the_proxy(saving: Any) -> None:
    labelled(LentToolChart, HandleChart, names=("A", "B", "A lent", "B lent"))
    with saving():
        tool = Tool.objects.create(name="A")
    assert marked(LentToolChart) == "AA lent"
    Handle.objects.create(tool_id=tool.pk)
    settle(HandleChart)
    tool.name = "B"
    with saving():
        tool.save()
    assert marked(LentToolChart) == "AA lentBB lent"
    assert marked(HandleChart) == "AB"
    Tool.objects.update(name="A")
    assert marked(LentToolChart) == "AA lentBB lent"
    assert marked(HandleChart) == "AB"
    source_changed(Tool)
    assert marked(LentToolChart) == "AA lent"
    with saving():
        Tool.objects.get().delete()
    assert marked(LentToolChart) == "AA lent"


def test_every_row_of_a_proxys_table_has_its_chart() -> None:
    for model in (Tool, LentTool):
        model.objects.create(name="A")
    assert ToolChart.objects.count() == 2
    Tool.objects.bulk_create([Tool(name="B")])
    assert (ToolChart.objects.ensure(), ToolChart.objects.count()) == (1, 3)


@pytest.mark.parametrize("model", [Tool, LentTool])
def test_what_points_to_a_proxy_is_told_when_the_row_goes(model: Any) -> None:
    labelled(NoteChart)
    tool = model.objects.create(name="A")
    LentToolNote.objects.create(tool_id=tool.pk, topic="B")
    settle(NoteChart)
    tool.delete()
    assert marked(NoteChart) == "B"


# Parents


@pytest.mark.parametrize("model", [Being, Visitor, Donor])
def test_each_forebears_row_counts_wherever_a_path_passes(model: Any, saving: Any) -> None:
    charts = (DonorChart, GiftChart)
    labelled(*charts)
    donor = Donor.objects.create(name="A")
    Gift.objects.create(donor=donor)
    DonorSideChart.objects.create(label="side", donor=donor)
    settle(*charts, DonorSideChart)
    row = model.objects.get(pk=donor.pk)
    row.name = "B"
    with saving():
        row.save()
    assert [marked(each) for each in charts] == ["AB", "AB"]
    assert marked(DonorSideChart) == "side"
    model.objects.filter(pk=donor.pk).delete()
    assert [marked(each) for each in charts] == ["B", "B"]


@pytest.mark.parametrize("model", [Being, Visitor, Donor])
def test_what_points_to_a_forebears_row_is_told_when_the_child_goes(model: Any) -> None:
    labelled(NoteChart)
    donor = Donor.objects.create(name="A")
    Diary.objects.create(being_id=donor.pk, topic="B")
    settle(NoteChart)
    model.objects.get().delete()
    assert marked(NoteChart) == "B"


def test_bulk_writes_to_a_forebears_rows_count() -> None:
    labelled(DonorChart, GiftChart)
    Gift.objects.create(donor=Donor.objects.create(name="A"))
    settle(DonorChart, GiftChart)
    Being.objects.update(name="B")
    assert (marked(DonorChart), marked(GiftChart)) == ("AB", "AB")


def test_links_of_a_forebears_row_count() -> None:
    labelled(GiftChart)
    donor, tag = Donor.objects.create(name="A"), Tag.objects.create(name="C")
    Gift.objects.create(donor=donor)
    settle(GiftChart)
    Being.objects.get().tags.add(tag)
    assert "C" in marked(GiftChart)
    tag.beings.clear()
    assert "C" in marked(GiftChart)


def test_a_child_is_heard_once_and_by_the_fields_that_count() -> None:
    labelled(AmountChart)
    donor = Donor.objects.create(name="A")
    settle(AmountChart)
    donor.is_member = True
    donor.save()
    assert marked(AmountChart) == ""
    Visitor.objects.get().save()
    assert marked(AmountChart) == "A"
    ways = [route for route in routes()[Donor] if route.chart_model is DonorChart]
    assert [route.model for route in ways] == [Donor]


@pytest.mark.parametrize("model", [Being, Visitor])
def test_a_callable_gets_the_child_whose_forebear_changes(model: Any, saving: Any) -> None:
    labelled(AskedDonorChart, names=("A 7", "B 7"))
    donor = Donor.objects.create(name="A", amount=7)
    settle(AskedDonorChart)
    AskedDonorChart.asked.clear()
    row = model.objects.get()
    row.name = "B"
    with saving():
        row.save()
    assert marked(AskedDonorChart) == "A 7B 7"
    assert {type(each) for each in AskedDonorChart.asked} == {Donor}
    model.objects.create(name="B")
    assert marked(AskedDonorChart) == ""
    Being.objects.filter(pk=donor.pk).update(name="A")
    assert marked(AskedDonorChart) == "A 7B 7"
    row.delete()
    assert marked(AskedDonorChart) == "A 7"


@pytest.mark.parametrize(("model", "source"), [(Being, Donor), (Tool, LentTool)])
def test_a_callable_is_asked_for_what_is_about_to_be_written(model: Any, source: Any) -> None:
    labelled(AskedDonorChart, names=("A 7", "B 7"))
    labelled(LentToolChart, names=("A lent", "B lent"))
    source.objects.create(name="A", **({"amount": 7} if source is Donor else {}))
    row = model.objects.get()
    row.name = "B"
    before: list[int] = []

    def look(**kwargs: object) -> None:
        before.append(Mark.objects.count())

    models.signals.pre_save.connect(look, sender=model)
    try:
        row.save()
    finally:
        models.signals.pre_save.disconnect(look, sender=model)
    assert before == [2]


def test_a_chart_is_marked_by_a_row_that_is_its_parent() -> None:
    chart = BuildingChart.objects.create(name="A")
    settle(BuildingChart)
    Building.objects.get(pk=chart.pk).save()
    assert marked(BuildingChart, "name") == "A"


# Charts' own relations


@pytest.fixture
def districts() -> dict[str, District]:
    made = {name: District.objects.create(name=name) for name in NAMES}
    labelled(DistrictsChart)
    return made


@pytest.mark.parametrize("name", ["districts", "neighbours", "partners"])
def test_a_charts_own_links_count(districts: dict[str, District], name: str) -> None:
    links = getattr(DistrictsChart.objects.get(label="A"), name)
    links.add(districts["A"])
    assert marked(DistrictsChart) == "A"
    links.remove(districts["A"])
    assert marked(DistrictsChart) == "A"
    links.add(districts["B"])
    settle(DistrictsChart)
    links.clear()
    assert marked(DistrictsChart) == "A"


def test_a_charts_own_links_count_from_the_other_end(districts: dict[str, District]) -> None:
    links = districts["A"].districtschart_set
    links.add(DistrictsChart.objects.get(label="B"))
    assert marked(DistrictsChart) == "B"
    links.clear()
    assert marked(DistrictsChart) == "B"


def test_links_of_a_chart_in_a_table_of_the_projects_own_count(districts: dict[str, District]) -> None:
    row = Partner.objects.create(chart=DistrictsChart.objects.get(label="A"), district=districts["A"])
    assert marked(DistrictsChart) == "A"
    row.chart = DistrictsChart.objects.get(label="B")
    row.save()
    assert marked(DistrictsChart) == "AB"
    row.delete()
    assert marked(DistrictsChart) == "B"


def test_a_chart_that_loses_what_it_points_to_is_told(districts: dict[str, District]) -> None:
    DistrictsChart.objects.filter(label="B").update(capital=districts["A"])
    RemarkChart.objects.create(district=districts["A"])
    settle(DistrictsChart, RemarkChart)
    districts["A"].delete()
    assert marked(DistrictsChart) == "B"
    assert RemarkChart.objects.get().data_version


def test_a_sale_finds_its_charts_by_their_links(districts: dict[str, District]) -> None:
    DistrictsChart.objects.get(label="A").districts.add(districts["A"])
    settle(DistrictsChart)
    Sale.objects.create(district=districts["A"])
    assert marked(DistrictsChart) == "A"


# Link tables of the project's own


def test_links_by_other_columns_than_keys_count() -> None:
    labelled(RecipeChart, SpiceChart)
    Spice.objects.create(name="C", code="0")  # keys and codes are not the same
    recipe, spice = Recipe.objects.create(name="A", code="r"), Spice.objects.create(name="B", code="s")
    settle(RecipeChart, SpiceChart)
    for change in (
        lambda: recipe.spices.add(spice),
        lambda: recipe.spices.remove(spice),
        lambda: spice.recipes.add(recipe),
        spice.recipes.clear,
        lambda: spice.recipes.set([recipe]),
        recipe.spices.clear,
    ):
        change()
        assert (marked(RecipeChart), marked(SpiceChart)) == ("A", "B")
    row = Dose.objects.create(recipe=recipe, spice=spice)
    assert marked(SpiceChart) == "B"
    row.delete()
    assert marked(SpiceChart) == "B"


@pytest.mark.parametrize("model", [Team, Squad])
def test_rows_of_a_table_that_hides_the_way_back_count(model: Any, saving: Any) -> None:
    charts = (MemberChart, MatchChart, *([SquadChart] if model is Squad else []))
    labelled(*charts)
    team = model.objects.create(name="T")
    players = {name: Player.objects.create(name=name) for name in NAMES}
    Match.objects.create(team_id=team.pk)
    settle(*charts)
    with saving():
        row = Membership.objects.create(team_id=team.pk, player=players["A"])
    assert [marked(each) for each in charts] == ["A"] * len(charts)
    row.player = players["B"]
    with saving():
        row.save()
    assert [marked(each) for each in charts] == ["AB"] * len(charts)
    source_changed(Membership)
    assert [marked(each) for each in charts] == ["B"] * len(charts)
    with saving():
        row.delete()
    assert [marked(each) for each in charts] == ["B"] * len(charts)
    for change in (lambda: team.members.add(players["C"]), team.members.clear):
        change()
        assert [marked(each) for each in charts] == ["C"] * len(charts)


def test_two_relations_in_one_table_are_both_cleared() -> None:
    labelled(PlayerChart)
    team = Team.objects.create(name="T")
    host, guest = (Player.objects.create(name=name) for name in "AB")
    for name in ("members", "guests"):
        team.members.add(host)
        team.guests.add(guest)
        settle(PlayerChart)
        getattr(team, name).clear()
        assert (marked(PlayerChart), Membership.objects.count()) == ("AB", 0)
    Membership.objects.create(team=team, guest=guest)
    guest.hosts.clear()
    assert "B" in marked(PlayerChart)


def test_links_that_decide_count_whatever_fields_do() -> None:
    team = Team.objects.create(name="T")
    players = [Player.objects.create(name=name) for name in "AB"]
    for player in players:
        TeamKeyChart.objects.create(player=player)
    settle(TeamKeyChart)
    team.members.add(players[0])
    assert marked(TeamKeyChart, "player__name") == "A"
    players[0].teams.remove(team)
    assert marked(TeamKeyChart, "player__name") == "A"


def test_rows_of_a_table_that_points_to_the_parent_of_a_source_count(saving: Any) -> None:
    labelled(OrchestraChart)
    orchestra, player = Orchestra.objects.create(name="O"), Player.objects.create(name="A")
    with saving():
        gig = Gig.objects.create(band=Band.objects.get(), player=player)
    assert marked(OrchestraChart) == "A"
    with saving():
        gig.delete()
    assert marked(OrchestraChart) == "A"
    player.bands.add(Band.objects.get())
    assert marked(OrchestraChart) == "A"
    orchestra.players.clear()
    assert marked(OrchestraChart) == "A"


def test_rows_between_two_of_a_kind_count_in_the_paths_direction(saving: Any) -> None:
    fan, idol = (Soul.objects.create(name=name) for name in "AB")
    FollowerChart.objects.create(label="B", follower="A")
    FollowerChart.objects.create(label="A", follower="B")
    settle(FollowerChart)
    with saving():
        row = Follow.objects.create(fan=fan, idol=idol)
    assert marked(FollowerChart) == "B"
    with saving():
        row.delete()
    assert marked(FollowerChart) == "B"
    fan.follows.add(idol)
    assert marked(FollowerChart) == "B"
    idol.followers.clear()
    assert marked(FollowerChart) == "B"


def test_links_that_are_no_foreign_keys_are_told_by_the_keys_that_are_given(
    monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    labelled(GiftChart)
    donor, tag = Donor.objects.create(name="A"), Tag.objects.create(name="C")
    Gift.objects.create(donor=donor)
    donor.tags.add(tag)
    settle(GiftChart)
    field = Being._meta.get_field("tags")
    links._ends.cache_clear()
    with monkeypatch.context() as patched:
        patched.setattr(field, "m2m_field_name", lambda: "id")  # as packages for tags have generic links
        sent = {
            "sender": Being.tags.through,
            "instance": Being.objects.create(name="B"),
            "reverse": False,
            "model": Tag,
        }
        for action, keys in ("post_add", {tag.pk}), ("pre_clear", None), ("post_clear", None):
            with transaction.atomic(using=database):
                models.signals.m2m_changed.send(**sent, action=action, pk_set=keys, using=database)
            assert marked(GiftChart) == ("C" if keys else "")
    links._ends.cache_clear()


# What databases delete


@pytest.mark.skipif(not hasattr(models, "DB_CASCADE"), reason="Before Django 6.1 databases deleted nothing themselves.")
def test_rows_that_go_with_rows_of_their_own_kind_are_told_however_deep() -> None:
    from tests.library.models import Branch, BranchChart, Leaf, LeafChart

    names = tuple("ABCDE")
    labelled(BranchChart, LeafChart, names=names)
    up = None
    for name in names[:4]:
        up = Branch.objects.create(name=name, up=up)
        Leaf.objects.create(branch=up, colour=name)
    settle(BranchChart, LeafChart)
    Branch.objects.get(name="B").delete()
    assert (marked(BranchChart), marked(LeafChart)) == ("BCD", "BCD")
    assert Branch.objects.count() == 1


@pytest.mark.skipif(not hasattr(models, "DB_CASCADE"), reason="Before Django 6.1 databases deleted nothing themselves.")
def test_rows_that_go_in_a_circle_are_told_once() -> None:
    from tests.library.models import Branch, BranchChart

    labelled(BranchChart)
    first = Branch.objects.create(name="A")
    second = Branch.objects.create(name="B", up=first)
    Branch.objects.filter(pk=first.pk).update(up=second)
    settle(BranchChart)
    first.delete()
    assert marked(BranchChart) == "AB"


# Charts for each


def test_charts_for_each_are_made_by_the_column_that_their_foreign_key_holds() -> None:
    Coded.objects.bulk_create([Coded(name=name, code=name) for name in NAMES])
    assert (CodedChart.objects.ensure(), CodedChart.objects.ensure()) == (3, 0)
    Coded.objects.create(name="D", code="D")
    assert (CodedChart.objects.ensure(), CodedChart.objects.count()) == (0, 4)
