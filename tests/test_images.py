"""Safe replacing on plain ImageFields: what is stored, what is kept, what is refused."""

from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.db.models.query import QuerySet
from django.test.utils import CaptureQueriesContext
from PIL import Image

from charts.exceptions import DownloadError
from charts.images import save_figure, save_image, save_image_from_url
from charts.ledger import LooseFile
from tests.conftest import names_in
from tests.image_server import ImageServer, reply
from tests.shop.models import Profile, Region, Scripted

pytestmark = pytest.mark.usefixtures("database")


def png(width: int = 4, height: int = 3, colour: str = "red") -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "png")
    return buffer.getvalue()


def size_of(folder: Path, name: str) -> tuple[int, int]:
    with Image.open(folder / name) as image:
        return image.size


@pytest.fixture
def profile() -> Profile:
    return Profile.objects.create(name="Ada")


def test_an_image_becomes_the_rows_picture_with_its_sides(profile: Profile, media: Path) -> None:
    name = save_image(profile.photo, png(40, 30))
    row = Profile.objects.get()
    assert row.photo.name == profile.photo.name == name
    assert (row.photo_width, row.photo_height) == (profile.photo_width, profile.photo_height) == (40, 30)
    assert size_of(media, name) == (40, 30)


@pytest.mark.parametrize("kind", ["bytes", "buffer", "file", "content file", "path", "text path", "PIL image"])
def test_every_kind_of_source_is_taken(profile: Profile, media: Path, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "source.png"
    path.write_bytes(png(5, 7))
    with path.open("rb") as opened, Image.open(path) as picture:
        opened.read(3)  # a source that was read before is taken from its beginning
        sources: dict[str, Any] = {
            "bytes": png(5, 7),
            "buffer": BytesIO(png(5, 7)),
            "file": opened,
            "content file": ContentFile(png(5, 7), name="x.exe"),
            "path": path,
            "text path": str(path),
            "PIL image": picture,
        }
        name = save_image(profile.photo, sources[kind])
    assert size_of(media, name) == (5, 7)
    assert name.endswith(".png")


def test_a_cmyk_picture_is_stored_as_png(profile: Profile, media: Path) -> None:
    name = save_image(profile.photo, Image.new("CMYK", (3, 3)))
    assert size_of(media, name) == (3, 3)


def test_only_the_pictures_columns_are_written(profile: Profile) -> None:
    stale = Profile.objects.get()
    Profile.objects.update(name="Grace")
    save_image(stale.photo, png())
    assert Profile.objects.get().name == "Grace"


def test_a_replaced_file_stays_readable_until_its_time_is_over(profile: Profile, media: Path, settings: Any) -> None:
    first = save_image(profile.photo, png())
    second = save_image(profile.photo, png())
    assert names_in(media) == {first, second}
    settings.CHARTS = {"KEEP_OLD_FILES": 0}
    third = save_image(profile.photo, png())
    assert names_in(media) == {first, third}
    assert {row.name for row in LooseFile.objects.all()} == {first}


def test_an_instance_that_is_out_of_date_replaces_what_the_row_names_now(
    profile: Profile, media: Path, settings: Any
) -> None:
    settings.CHARTS = {"KEEP_OLD_FILES": 0}
    old = Profile.objects.get()
    save_image(profile.photo, png())
    last = save_image(old.photo, png())
    assert names_in(media) == {last}


def test_an_unsaved_object_is_given_its_picture_when_it_is_saved(media: Path) -> None:
    profile = Profile(name="new")
    name = save_image(profile.photo, png(6, 5))
    profile.save()
    assert Profile.objects.get().photo.name == name
    assert (profile.photo_width, profile.photo_height) == (6, 5)


def test_the_picture_of_an_object_that_was_saved_later_is_not_pruned(media: Path, database: str) -> None:
    profile = Profile(name="new")
    name = save_image(profile.photo, png())
    profile.save()
    _make_due()
    call_command("prune_charts", grace="0", database=database, stdout=StringIO())
    assert names_in(media) == {name}
    assert not LooseFile.objects.exists()


def test_the_picture_of_an_object_that_was_never_saved_is_pruned(media: Path, database: str) -> None:
    save_image(Profile(name="never").photo, png())
    _make_due()
    call_command("prune_charts", grace="0", database=database, stdout=StringIO())
    assert names_in(media) == set()


def test_a_rollback_leaves_the_last_picture_in_place(profile: Profile, media: Path, database: str) -> None:
    name = save_image(profile.photo, png())
    with transaction.atomic(using=database):
        save_image(profile.photo, png())
        transaction.set_rollback(True, using=database)
    assert Profile.objects.get().photo.name == name
    assert name in names_in(media)


def test_a_failing_update_leaves_the_last_picture_and_nothing_unknown(
    profile: Profile, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = save_image(profile.photo, png())

    def fail(self: Any, **columns: Any) -> int:
        raise DatabaseError("no")

    with monkeypatch.context() as patch:
        patch.setattr(QuerySet, "update", fail)
        with pytest.raises(DatabaseError):
            save_image(profile.photo, png())
    assert Profile.objects.get().photo.name == name
    assert names_in(media) - {name} == {row.name for row in LooseFile.objects.all()}


def test_a_row_that_is_gone_is_said(profile: Profile) -> None:
    Profile.objects.all().delete()
    with pytest.raises(ValueError, match=r"shop\.Profile \d+ has no row any more"):
        save_image(profile.photo, png())


def test_a_figure_is_drawn_once_at_its_own_resolution(profile: Profile, media: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2, 1), dpi=150)
    figure.subplots().plot([1, 2])
    assert size_of(media, save_figure(profile.photo, figure)) == (300, 150)
    assert save_figure(profile.photo, figure, format="jpeg", dpi=50).endswith(".jpg")
    with pytest.raises(ValueError, match="Choices are: png, jpeg, webp"):
        save_figure(profile.photo, figure, format="svg")


def test_a_picture_is_saved_in_seven_queries_at_most(profile: Profile, database: str) -> None:
    from django.db import connections

    save_image(profile.photo, png())
    with CaptureQueriesContext(connections[database]) as queries:
        save_image(profile.photo, png())
    asked = [query["sql"] for query in queries if query["sql"].split()[0] not in {"BEGIN", "COMMIT", "SAVEPOINT"}]
    assert len(asked) <= 8, asked


def test_what_is_no_picture_is_refused_with_the_field_named(profile: Profile, media: Path) -> None:
    with pytest.raises(DownloadError, match=r"shop\.Profile\.photo"):
        save_image(profile.photo, b"<html>")
    assert names_in(media) == set()


def test_a_picture_over_max_pixels_is_refused(profile: Profile, settings: Any) -> None:
    settings.CHARTS = {"MAX_PIXELS": 10}
    with pytest.raises(DownloadError):
        save_image(profile.photo, png(10, 10))


def test_a_charts_picture_is_not_replaced_by_hand(region: Region) -> None:
    chart = Scripted.objects.create()
    for act in (save_image, save_image_from_url):
        with pytest.raises(TypeError, match=r"call render\(\)"):
            act(chart.image, "x")
    with pytest.raises(TypeError, match=r"pass obj\.image"):
        save_image("photos/a.png", png())  # type: ignore[arg-type]  # that is the fault


def test_a_picture_is_taken_from_a_url(profile: Profile, media: Path) -> None:
    with ImageServer({"/a.png": reply(png(9, 8))}) as server:
        name = save_image_from_url(profile.photo, server.url("/a.png"), allow_private=True)
    assert size_of(media, name) == (9, 8)


def test_a_private_address_is_refused_and_the_last_picture_stays(profile: Profile, media: Path) -> None:
    name = save_image(profile.photo, png())
    with ImageServer({"/a.png": reply(png())}) as server, pytest.raises(DownloadError, match="private"):
        save_image_from_url(profile.photo, server.url("/a.png"))
    assert Profile.objects.get().photo.name == name
    assert names_in(media) == {name}


def test_a_long_name_is_shortened_to_its_column(profile: Profile, media: Path) -> None:
    field = Profile._meta.get_field("photo")
    before = field.max_length
    field.max_length = 32
    try:
        name = save_image(profile.photo, png())
        assert len(name) <= 32
        field.max_length = 24
        with pytest.raises(ValueError, match="max_length=24, too short"):
            save_image(profile.photo, png())
    finally:
        field.max_length = before
    assert names_in(media) == {name}


def _make_due() -> None:
    from datetime import timedelta

    for row in LooseFile.objects.all():
        LooseFile.objects.filter(pk=row.pk).update(delete_at=row.delete_at - timedelta(days=2))


def test_what_is_no_source_of_an_image_is_said(profile: Profile) -> None:
    with pytest.raises(TypeError, match="pass bytes, an open file"):
        save_image(profile.photo, None)  # type: ignore[arg-type]  # that is the fault
    with pytest.raises(TypeError, match="pass a matplotlib Figure"):
        save_figure(profile.photo, "figure")  # type: ignore[arg-type]  # that is the fault
