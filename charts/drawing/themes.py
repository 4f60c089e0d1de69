"""The looks a chart can have: rcParams by name, light and dark, and the project's own in `CHARTS["THEMES"]`.

Colours are computed, not picked: eight a theme that stay furthest apart for normal sight and for full
protanopia, deuteranopia and tritanopia, all at least 3:1 against the background (`charts.drawing.colours`).
The same place in both lists is the same kin: a series keeps its character when the page turns dark.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from charts.drawing import colours
from charts.exceptions import DrawError

if TYPE_CHECKING:
    from matplotlib.colors import Colormap

SEQUENTIAL = "charts.sequential"
DIVERGING = "charts.diverging"
# A theme says how a chart looks; its size and where it is drawn are not a theme's to say.
NOT_A_THEMES = frozenset({"backend", "backend_fallback", "figure.dpi", "figure.figsize", "interactive", "toolbar"})
PIXEL = 0.72  # points, at 100 pixels to the inch
# Crosses, hollow markers and the caps of error bars are nothing but edge; `retouching` takes it off the filled ones.
MARKER_EDGE = 1.5 * PIXEL


@dataclass(frozen=True)
class Palette:
    """The colours of one scheme, as "#rrggbb"; `series` in the order in which marks take them."""

    background: str
    text: str
    secondary: str
    axis: str
    grid: str
    series: tuple[str, ...]


PALETTES: Mapping[str, Palette] = MappingProxyType(
    {
        "light": Palette(
            background="#ffffff",
            text="#1b2230",
            secondary="#566072",
            axis="#c9cfd9",
            grid="#e6e9ee",
            series=(
                "#3f94fe",
                "#b83401",
                "#13816e",
                "#894ec8",
                "#a09529",
                "#753548",
                "#e260b7",
                "#414092",
            ),
        ),
        "dark": Palette(
            background="#14181f",
            text="#eef1f6",
            secondary="#a3adbd",
            axis="#465063",
            grid="#272e3a",
            series=(
                "#6080ef",
                "#ed9507",
                "#10c38e",
                "#b2a6eb",
                "#dcd769",
                "#d95737",
                "#ae6da5",
                "#64e9e6",
            ),
        ),
    }
)


@dataclass(frozen=True, eq=False)
class Theme:
    """A named look: `scheme` is its background, "light" or "dark", `rc` what differs from matplotlib."""

    name: str
    scheme: str
    rc: Mapping[str, Any]
    _complete: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    def rcparams(self) -> Mapping[str, Any]:
        """Return all rcParams of a draw, validated once: matplotlib's defaults under this theme's.

        Raises:
            DrawError: a name is no rcParam or a value is not one that matplotlib takes.
        """
        if not self._complete:
            self._complete.update({**_defaults(), **_validated(self)})
        return self._complete

    def colormaps(self) -> dict[str, "Colormap"]:
        """Return the colormaps that a hook can use by name in this theme."""
        return {SEQUENTIAL: sequential(self.scheme), DIVERGING: diverging(self.scheme)}

    @property
    def background(self) -> str:
        """The colour that pictures without transparency are flattened on."""
        return str(self.rc["figure.facecolor"])


def resolve(name: str, extra: Mapping[str, Any] | None = None) -> Theme:
    """Return the theme of a name.

    Args:
        name: "light", "dark" or a name in `extra`.
        extra: `CHARTS["THEMES"]`: for each name a dictionary of rcParams, with `"extends"` for the theme it
            builds on ("light" unless it says otherwise).

    Raises:
        DrawError: there is no such theme, or what it is given as is no dictionary of rcParams.
    """
    extra = extra or {}
    if name in extra:
        return _custom(name, extra, ())
    if name in BUILT_IN:
        return BUILT_IN[name]
    choices = ", ".join([*BUILT_IN, *(key for key in extra if key not in BUILT_IN)])
    raise DrawError(f'There is no theme "{name}". Choices are: {choices}; add yours to CHARTS["THEMES"].')


@functools.cache
def sequential(scheme: str = "light") -> "Colormap":
    """Return a colormap from little to much: one hue, even in lightness, little being near the background."""
    blue, _ = _kin(scheme)
    ends = (0.91, 0.30) if scheme == "light" else (0.32, 0.90)
    return _colormap(SEQUENTIAL, _ramp(blue, *ends, steps=33, chroma_from=0.2))


@functools.cache
def diverging(scheme: str = "light") -> "Colormap":
    """Return a colormap for both sides of a middle: blue, the background's grey, rust; even in lightness."""
    blue, rust = _kin(scheme)
    ends = (0.94, 0.38) if scheme == "light" else (0.30, 0.82)
    below, above = (_ramp(colour, *ends, steps=17, chroma_from=0) for colour in (blue, rust))
    _, chroma, hue = colours.oklch(PALETTES[scheme].grid)
    return _colormap(DIVERGING, [*below[:0:-1], colours.from_oklch(ends[0], chroma, hue), *above[1:]])


def _kin(scheme: str) -> tuple[str, str]:
    """Return the scheme's blue and its rust."""
    series = PALETTES[scheme].series
    return (series[0], series[1]) if scheme == "light" else (series[0], series[5])


def _ramp(colour: str, start: float, end: float, steps: int, chroma_from: float) -> list[str]:
    """Return colours of one hue from lightness `start`, with that part of its chroma, to `end`, with all of it."""
    _, chroma, hue = colours.oklch(colour)
    parts = [step / (steps - 1) for step in range(steps)]
    return [
        colours.from_oklch(start + part * (end - start), chroma * min(chroma_from + 2 * part, 1), hue) for part in parts
    ]


def _colormap(name: str, listed: Sequence[str]) -> "Colormap":
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list(name, listed)


def _defaults() -> dict[str, Any]:
    """Return matplotlib's own defaults, whatever `matplotlibrc` the user or the working directory has.

    Pyplot may choose nothing but Agg: a server has no screen, and a thread may open no window.
    """
    import matplotlib as mpl

    standard: Any = mpl.rcParamsDefault
    return {**dict(dict.items(standard)), "backend": "agg", "interactive": False}


def _validated(theme: Theme) -> dict[str, Any]:
    """Return the theme's rcParams as matplotlib keeps them."""
    import matplotlib as mpl

    values: dict[str, Any] = {}
    for key, value in theme.rc.items():
        validate = mpl.RcParams.validate.get(key)
        if validate is None:
            raise DrawError(f'Theme "{theme.name}": "{key}" is no rcParam of matplotlib {mpl.__version__}.')
        try:
            values[key] = validate(value)
        except Exception as error:  # its validators raise whatever their parsers do
            raise DrawError(f'Theme "{theme.name}": {value!r} is no value for "{key}": {error}.') from error
    return values


def _custom(name: str, extra: Mapping[str, Any], below: tuple[str, ...]) -> Theme:
    """Return a theme of the project's, kept from call to call for as long as its settings are the same."""
    spec = _checked(name, extra[name])
    parent = str(spec.get("extends", "light"))
    if parent in below or (parent == name and name not in BUILT_IN):
        raise DrawError(f'Theme "{name}" extends itself by way of "{parent}": let one of them extend "light".')
    known = parent in extra and parent != name
    base = _custom(parent, extra, (*below, name)) if known else resolve(parent)
    own = tuple((key, value) for key, value in spec.items() if key != "extends")
    return _built(name, base, repr(own), _Unhashed(own))


def _checked(name: str, spec: Any) -> Mapping[str, Any]:
    """Return a theme's settings, or say why they are none."""
    if not isinstance(spec, Mapping):
        raise DrawError(
            f'Theme "{name}" is {spec!r}, not a dictionary of rcParams. Style names, paths and URLs are not'
            " read: a style file would be opened, and a URL fetched, at every draw."
        )
    if refused := sorted(NOT_A_THEMES.intersection(spec)):
        raise DrawError(f'Theme "{name}" sets {", ".join(refused)}: size= and densities= of the field say that.')
    return spec


class _Unhashed:
    """Carries settings through `functools.lru_cache`, which tells them apart by their repr alone."""

    def __init__(self, own: tuple[tuple[str, Any], ...]) -> None:
        self.own = own

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Unhashed)

    def __hash__(self) -> int:
        return 0


@functools.lru_cache(maxsize=64)
def _built(name: str, base: Theme, written: str, spec: _Unhashed) -> Theme:
    """Return the theme; `written` is the settings' repr, by which the cache tells changed ones."""
    del written
    rc = {**base.rc, **dict(spec.own)}
    return Theme(name, _scheme(rc["figure.facecolor"], base.scheme), MappingProxyType(rc))


def _scheme(background: object, otherwise: str) -> str:
    """Return "dark" for a background that light text is read on."""
    if not (isinstance(background, str) and len(background) == 7 and background.startswith("#")):
        return otherwise
    return "dark" if colours.contrast(background, "#ffffff") > colours.contrast(background, "#000000") else "light"


def _look(palette: Palette) -> Mapping[str, Any]:
    """Return all of the look that rcParams can say; `charts.drawing.look` has the rest."""
    return MappingProxyType({**_page(palette), **_axes(palette), **_marks(palette), **_statistics(palette)})


def _page(palette: Palette) -> dict[str, Any]:
    return {
        "figure.facecolor": palette.background,
        "figure.edgecolor": palette.background,
        "savefig.facecolor": "auto",
        "figure.titlesize": 12.5,
        "figure.titleweight": "bold",
        "figure.labelsize": 10,
        # Two percent of 800 pixels, and about as much between panels.
        "figure.constrained_layout.w_pad": 0.16,
        "figure.constrained_layout.h_pad": 0.16,
        # DejaVu comes with matplotlib; a family that is missing would be logged with every text.
        "font.family": ["sans-serif"],
        "font.sans-serif": ["DejaVu Sans"],
        "font.size": 10,
        "text.color": palette.text,
        # No frame to be seen, but no line through a word either.
        "legend.frameon": True,
        "legend.framealpha": 0.85,
        "legend.fancybox": False,
        "legend.facecolor": "inherit",
        "legend.edgecolor": "none",
        "legend.fontsize": 9,
        "legend.title_fontsize": 9,
        "legend.labelcolor": palette.secondary,
        "legend.handlelength": 1.4,
        "legend.borderaxespad": 0.2,
        "image.cmap": SEQUENTIAL,
        "svg.fonttype": "path",
        "svg.hashsalt": "charts",
    }


def _axes(palette: Palette) -> dict[str, Any]:
    return {
        "axes.facecolor": palette.background,
        "axes.edgecolor": palette.axis,
        "axes.linewidth": PIXEL,
        "axes.spines.left": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.axisbelow": True,
        "grid.color": palette.grid,
        "grid.linewidth": PIXEL,
        "axes.titlelocation": "left",
        "axes.titlesize": 12.5,
        "axes.titleweight": "bold",
        "axes.titlecolor": palette.text,
        "axes.titlepad": 10,
        "axes.labelsize": 9,
        "axes.labelcolor": palette.secondary,
        "axes.labelpad": 6,
        "axes.xmargin": 0.02,
        "axes.formatter.useoffset": False,
        "axes.formatter.limits": [-5, 10],
        # The year once, not under every tick.
        "date.converter": "concise",
        "xtick.color": palette.axis,
        "xtick.labelcolor": palette.secondary,
        "xtick.labelsize": 9,
        "xtick.major.size": 3.5,
        "xtick.major.width": PIXEL,
        "xtick.minor.width": PIXEL,
        "ytick.color": palette.axis,
        "ytick.labelcolor": palette.secondary,
        "ytick.labelsize": 9,
        "ytick.major.size": 0,
        "ytick.minor.size": 0,
        "ytick.major.pad": 6,
        "axes3d.xaxis.panecolor": palette.grid,
        "axes3d.yaxis.panecolor": palette.grid,
        "axes3d.zaxis.panecolor": palette.grid,
    }


def _marks(palette: Palette) -> dict[str, Any]:
    series = ", ".join(f"'{colour}'" for colour in palette.series)
    return {
        "axes.prop_cycle": f"cycler('color', [{series}])",
        "lines.linewidth": 2 * PIXEL,
        "lines.solid_capstyle": "round",
        "lines.solid_joinstyle": "round",
        "lines.dash_capstyle": "round",
        "lines.dash_joinstyle": "round",
        "lines.markersize": 5,
        "lines.markeredgewidth": MARKER_EDGE,
        "scatter.edgecolors": "none",
        "patch.facecolor": palette.series[0],
        # Of arrows and of patches without a face; those that have one get no edge.
        "patch.edgecolor": palette.secondary,
        "patch.linewidth": PIXEL,
        "hatch.color": palette.background,
        "hatch.linewidth": PIXEL,
        "errorbar.capsize": 0,
    }


def _statistics(palette: Palette) -> dict[str, Any]:
    """Box plots are drawn black on white by default: nothing of them would be seen on a dark page."""
    drawn = ("boxprops", "whiskerprops", "capprops", "flierprops")
    return {
        **{f"boxplot.{part}.color": palette.secondary for part in drawn},
        **{f"boxplot.{part}.linewidth": PIXEL for part in drawn},
        "boxplot.flierprops.markeredgecolor": palette.secondary,
        "boxplot.flierprops.markersize": 4,
        "boxplot.medianprops.color": palette.series[0],
        "boxplot.medianprops.linewidth": 2 * PIXEL,
        "boxplot.meanprops.color": palette.series[1],
        "boxplot.meanprops.markerfacecolor": palette.series[1],
        "boxplot.meanprops.markeredgecolor": palette.series[1],
    }


LIGHT = Theme("light", "light", _look(PALETTES["light"]))
DARK = Theme("dark", "dark", _look(PALETTES["dark"]))
BUILT_IN: Mapping[str, Theme] = MappingProxyType({"light": LIGHT, "dark": DARK})
