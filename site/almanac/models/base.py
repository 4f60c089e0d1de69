"""What the almanac's pictures have in common."""

from chartsite.pictures import Picture
from django.urls import reverse


class AlmanacChart(Picture):
    """A picture of one long series; there is one row of each kind."""

    class Meta:
        abstract = True

    def get_absolute_url(self) -> str:
        return reverse("almanac:chart", args=[self.kind])
