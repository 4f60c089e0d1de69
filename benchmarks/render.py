"""A render end to end, against the recipe that projects copy: draw with pyplot, `image.save`, `save`."""

from collections.abc import Iterator
from io import BytesIO

from django.core.files.base import ContentFile

from benchmarks import figures, measuring
from benchmarks.models import Ours, Recipe

ROUNDS = 30


def recipe(row: Recipe) -> None:
    """Draw with pyplot and save the row, as in the recipe (with the close that most copies of it forget)."""
    import matplotlib.pyplot as plt  # noqa: TID251  (this is what is measured against)

    plt.figure(figsize=(8, 4.8))
    figures.DRAW[row.figure](plt.gca(), figures.DATA[row.figure])
    buffer = BytesIO()
    plt.savefig(buffer, format="png")
    plt.close()
    row.image.save(f"{row.pk}.png", ContentFile(buffer.getvalue()), save=False)
    row.save()


def drawing_only(row: Recipe) -> None:
    """Draw with pyplot alone: what no storing can beat."""
    import matplotlib.pyplot as plt  # noqa: TID251  (this is what is measured against)

    plt.figure(figsize=(8, 4.8))
    figures.DRAW[row.figure](plt.gca(), figures.DATA[row.figure])
    plt.savefig(BytesIO(), format="png")
    plt.close()


def run(rounds: int = ROUNDS) -> Iterator[str]:
    """Yield the tables: a render, and one that finds nothing changed."""
    rows, unchanged = [], []
    for name in figures.DATA:
        ours, other = Ours.objects.create(figure=name), Recipe.objects.create(figure=name)
        seconds = measuring.interleaved(
            {
                "recipe": lambda other=other: recipe(other),
                "recipe without storing": lambda other=other: drawing_only(other),
                "render(force=True)": lambda ours=ours: ours.render(force=True),
                "render(), unchanged": ours.render,
            },
            rounds,
        )
        rows.append((name, {key: seconds[key] for key in list(seconds)[:3]}))
        unchanged.append((name, {key: seconds[key] for key in ("recipe", "render(), unchanged")}))
    yield measuring.table("Render, end to end on SQLite, 800 × 480 px", rows, "recipe")
    yield measuring.table("Nothing has changed", unchanged, "recipe")
