"""The picture's column: its options, the files it stands for, and what a row's `image` can say of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core import checks
from django.core.files.base import File
from django.core.files.storage import Storage, default_storage, storages
from django.core.signals import setting_changed
from django.db import models
from django.db.models.fields.files import ImageFieldFile
from django.utils.functional import LazyObject, cached_property, empty

from charts import files
from charts.choices import choices
from charts.conf import config

RASTER_FORMATS = ("png", "webp", "jpeg", "avif")
VECTOR_FORMATS = ("svg", "pdf")
TABLE_FORMATS = ("csv",)
FORMATS = RASTER_FORMATS + VECTOR_FORMATS + TABLE_FORMATS
EXTENSIONS = {format: format for format in FORMATS} | {"jpeg": "jpg"}
FORMAT_OF = {extension: format for format, extension in EXTENSIONS.items()}
BUILT_IN_THEMES = ("light", "dark")


if TYPE_CHECKING:
    _LazyStorage = LazyObject[Storage]
else:
    _LazyStorage = LazyObject


class ChartStorage(_LazyStorage):
    """`STORAGES["charts"]` if there is one, else the default storage; looked up when it is first used."""

    def _setup(self) -> None:
        self._wrapped = storages["charts"] if "charts" in settings.STORAGES else default_storage


chart_storage: Any = ChartStorage()


def _forget_storage(*, setting: str, **kwargs: object) -> None:
    if setting == "STORAGES":
        chart_storage._wrapped = empty


setting_changed.connect(_forget_storage)


@dataclass(frozen=True, slots=True)
class Look:
    """Which of a picture's files is meant: a theme, a density and a format.

    Attributes:
        theme: a theme's name; "" for a file that has none (csv).
        density: device pixels for a CSS pixel; 1 where the format has none.
        format: one of `FORMATS`.
    """

    theme: str
    density: float
    format: str

    def __str__(self) -> str:
        density = f" at {self.density:g}x" if self.format in RASTER_FORMATS else ""
        return f"{self.theme} {self.format}{density}".strip()


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a picture's files are, as its field declares them; the arguments of `ChartImageField`."""

    size: tuple[int, int] | None = (640, 400)
    themes: tuple[str, ...] = ("light",)
    densities: tuple[float, ...] = (1, 2)
    formats: tuple[str, ...] = ("png",)
    layout: str | None = "constrained"
    transparent: bool = False

    @cached_property
    def key(self) -> str:
        """A short key of what decides which files there are."""
        return files.options_key((self.themes, tuple(map(float, self.densities)), self.formats))

    @property
    def primary(self) -> Look:
        """The file in the column: the first theme, density and raster format."""
        raster = [format for format in self.formats if format in RASTER_FORMATS]
        return Look(self.themes[0], self.densities[0], raster[0] if raster else self.formats[0])

    def looks(self) -> Iterator[Look]:
        """Yield every file of a picture, the primary among them."""
        for format in self.formats:
            if format in TABLE_FORMATS:
                yield Look("", 1, format)
                continue
            densities = self.densities if format in RASTER_FORMATS else (1,)
            yield from (Look(theme, density, format) for theme in self.themes for density in densities)

    def name(self, stem: str, look: Look) -> str:
        """Return the name of one of the files that share a stem."""
        theme = "" if look.theme in {"", self.themes[0]} else look.theme
        return files.variant_name(stem, theme=theme, density=look.density, extension=EXTENSIONS[look.format])

    def problems(self) -> Iterator[str]:
        """Yield a sentence for each option that cannot be."""
        if self.size is not None and not _is_size(self.size):
            yield f"size is {self.size!r}, but must be (width, height) in CSS pixels from 1 to 20,000, or None."
        lists = {name: getattr(self, name) for name in ("themes", "densities", "formats")}
        single = {name: value for name, value in lists.items() if not isinstance(value, tuple)}
        for name, value in single.items():
            yield f"{name} is {value!r}, but must be a sequence; write {name}=({value!r},)."
        if not single:
            yield from self._list_problems()

    def _list_problems(self) -> Iterator[str]:
        yield from _wrong_choices("themes", self.themes, (*BUILT_IN_THEMES, *config().themes))
        yield from _wrong_choices("formats", self.formats, FORMATS)
        # Of a misspelt name nobody knows what it was to be.
        if self.formats and set(self.formats) <= {*VECTOR_FORMATS, *TABLE_FORMATS}:
            yield f"formats is {self.formats!r}, but must name a raster format: {', '.join(RASTER_FORMATS)}."
        if not self.densities or not all(_is_density(density) for density in self.densities):
            yield f"densities is {self.densities!r}, but must be numbers over 0 and up to 8."


def _frozen(value: Any) -> Any:
    """Return a sequence as a tuple; what is none is left for the check to tell."""
    return value if isinstance(value, str | bytes) or not isinstance(value, Iterable) else tuple(value)


def _is_size(value: object) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(_is_length(side) for side in value)


def _is_length(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 20_000


def _is_density(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 8


def _wrong_choices(option: str, chosen: Sequence[str], right: Sequence[str]) -> Iterator[str]:
    if not chosen:
        yield f"{option} is empty. Choices are: {', '.join(right)}."
    if len(set(chosen)) < len(chosen):
        yield f"{option} names something twice: {chosen!r}."
    for name in chosen:
        if name not in right:
            yield f"Invalid name in {option}: {name!r}. {choices(name, right)}"


@dataclass(frozen=True, slots=True)
class Variant:
    """One file of a picture.

    Attributes:
        look: its theme, density and format.
        name: its name in storage.
        storage: where it lies.
    """

    look: Look
    name: str
    storage: Storage

    @property
    def theme(self) -> str:
        """The theme's name."""
        return self.look.theme

    @property
    def density(self) -> float:
        """Device pixels for a CSS pixel."""
        return self.look.density

    @property
    def format(self) -> str:
        """One of `FORMATS`."""
        return self.look.format

    @property
    def url(self) -> str:
        """The file's address, as its storage has it; the storage is not opened."""
        return self.storage.url(self.name)

    def open(self) -> "File[Any]":
        """Open the file for reading."""
        return self.storage.open(self.name)


class ChartImageFieldFile(ImageFieldFile):
    """A chart's picture: the file in the column, and its siblings.

    It is published by `render()` alone, so that no file is ever named before it is whole or deleted while it is
    named: `save()` and `delete()` say so.
    """

    field: "ChartImageField"

    @property
    def is_current(self) -> bool:
        """Whether the files are those of the field's options as they are now."""
        return files.stem_of(self.name or "")[1] == self.field.options.key

    @property
    def variants(self) -> tuple[Variant, ...]:
        """All files of the picture, the primary first; only that one if it was made under other options."""
        return tuple(Variant(look, name, self.storage) for look, name in self.names().items())

    def names(self) -> dict[Look, str]:
        """Return the name of each file that is there to be shown."""
        options = self.field.options
        if not self.name:
            return {}
        if not self.is_current:
            ending = self.name.rpartition(".")[2].lower()
            return {Look(options.primary.theme, options.primary.density, FORMAT_OF.get(ending, ending)): self.name}
        stem, _ = files.stem_of(self.name)
        others = {look: options.name(stem, look) for look in options.looks() if look != options.primary}
        return {options.primary: self.name} | others

    def all_names(self) -> list[str]:
        """Return the names of all files, those made under other options too, by listing where it must."""
        if not self.name:
            return []
        if self.is_current:
            return list(self.names().values())
        stem, _ = files.stem_of(self.name)
        return sorted({self.name, *(files.listed(self.storage, stem) if stem else ())})

    def variant(self, *, theme: str | None = None, density: float | None = None, format: str | None = None) -> Variant:
        """Return one file of the picture.

        Args:
            theme: by default the field's first.
            density: by default the field's first; vector formats and csv have none.
            format: by default the primary file's.

        Raises:
            ValueError: there is no picture yet, or none of this kind; the message lists what there is.
        """
        names = self.names()
        if not names:
            raise ValueError(f"{self.instance._meta.label} {self.instance.pk} has no picture yet; render() makes one.")
        look = self.field.look(theme=theme, density=density, format=format, among=names)
        return Variant(look, names[look], self.storage)

    @property
    def width(self) -> int | None:  # type: ignore[override]
        """Width in CSS pixels, from the row or the options; no file is opened."""
        return self._side(0)

    @property
    def height(self) -> int | None:  # type: ignore[override]
        """Height in CSS pixels, from the row or the options; no file is opened."""
        return self._side(1)

    def _side(self, index: int) -> int | None:
        stored = getattr(self.instance, ("image_width", "image_height")[index], None)
        if self.field.name == "image" and stored:
            return int(stored)
        size = self.field.options.size
        return size[index] if size else None

    def save(self, name: str | None, content: Any, save: bool = True) -> None:
        raise TypeError(self._refusal("saved"))

    def delete(self, save: bool = True) -> None:
        raise TypeError(self._refusal("deleted"))

    def _refusal(self, what: str) -> str:
        label = self.instance._meta.label
        return f"{label}.{self.field.name} is not {what} by hand: render() publishes it and clears up after itself."


class ChartImageField(models.ImageField):
    """An ImageField that names a chart's picture; its options say which files the picture has.

    None of the options is part of a migration.

    Args:
        size: (width, height) in CSS pixels; None: as the drawn figure says.
        themes: `light`, `dark` or names in `CHARTS["THEMES"]`; the first is what readers without a choice see.
        densities: device pixels for a CSS pixel.
        formats: of png, webp, jpeg, avif, svg, pdf and csv (the data behind the picture).
        layout: a matplotlib layout engine's name, or None.
        transparent: whether the picture has no background.
        storage: by default `STORAGES["charts"]`, or the default storage.
        upload_to: a folder, or a callable(instance, filename), as of any FileField; the file's name is always
            completed to one that was never used before.
    """

    attr_class = ChartImageFieldFile

    def __init__(
        self,
        verbose_name: Any = None,
        name: str | None = None,
        *,
        size: tuple[int, int] | None = (640, 400),
        themes: Sequence[str] = ("light",),
        densities: Sequence[float] = (1, 2),
        formats: Sequence[str] = ("png",),
        layout: str | None = "constrained",
        transparent: bool = False,
        **kwargs: Any,
    ) -> None:
        self.options = Options(
            size=_frozen(size),
            themes=_frozen(themes),
            densities=_frozen(densities),
            formats=_frozen(formats),
            layout=layout,
            transparent=transparent,
        )
        defaults: dict[str, Any] = {"max_length": 255, "blank": True, "default": "", "upload_to": ""}
        # Not NULL: a chart without a picture has an empty name, as Django's file fields do.
        kwargs = {**defaults, **kwargs, "editable": False, "null": False}
        kwargs["storage"] = kwargs.get("storage") or chart_storage
        super().__init__(verbose_name, name, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        for option in ("storage", "upload_to", "editable", "blank", "default"):
            kwargs.pop(option, None)
        if kwargs.get("max_length") == 255:
            del kwargs["max_length"]
        return name, path, args, kwargs

    def look(self, *, theme: str | None, density: float | None, format: str | None, among: Iterable[Look]) -> Look:
        """Return which of a picture's files is meant by some of its traits.

        Args:
            theme: by default the first.
            density: by default the first; vector formats and csv have none.
            format: by default the primary file's.
            among: the files there are.

        Raises:
            ValueError: there is none of this kind; the message lists those there are.
        """
        primary, there = self.options.primary, list(among)
        format = format or there[0].format
        wanted = Look(
            "" if format in TABLE_FORMATS else theme or primary.theme,
            (density or primary.density) if format in RASTER_FORMATS else 1,
            format,
        )
        if wanted in there:
            return wanted
        label = f"{self.model._meta.label}.{self.name}"
        raise ValueError(f"{label} has no {wanted}. There is: {'; '.join(map(str, there))}.")

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Return what is in hand; unlike any other FileField's, saving a row writes no file."""
        return getattr(model_instance, self.attname)

    def generate_filename(self, instance: Any, filename: Any) -> str:
        if not self.upload_to and not callable(self.upload_to):
            meta = instance._meta
            filename = f"charts/{meta.app_label}/{meta.model_name}/{filename}"
        return super().generate_filename(instance, filename)

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        return [
            *super().check(**kwargs),
            *(checks.Error(problem, obj=self, id="charts.E101") for problem in self.options.problems()),
        ]


def chart_fields(model: Any) -> list[ChartImageField]:
    """Return a model's picture fields, `image` first."""
    found = [field for field in model._meta.concrete_fields if isinstance(field, ChartImageField)]
    return sorted(found, key=lambda field: field.name != "image")


def picture_names(chart: Any) -> Mapping[ChartImageField, list[str]]:
    """Return all files that a row names, by field."""
    return {field: getattr(chart, field.name).all_names() for field in chart_fields(type(chart))}
