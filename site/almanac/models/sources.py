"""The rows of the long series: air, work and power."""

from django.db import models


class CarbonDioxide(models.Model):
    """A month's carbon dioxide over Mauna Loa, in parts per million of dry air."""

    month = models.DateField(unique=True)
    measured = models.FloatField()
    adjusted = models.FloatField(help_text="Freed of the seasons.")

    class Meta:
        ordering = ("month",)
        verbose_name_plural = "carbon dioxide"

    def __str__(self) -> str:
        return f"{self.month:%B %Y}: {self.measured:g} ppm"


class Sector(models.TextChoices):
    """The sectors of the United States' economy, as the Bureau of Labor Statistics draws their lines."""

    MINING = "mining_and_logging", "Mining"
    CONSTRUCTION = "construction", "Construction"
    MANUFACTURING = "manufacturing", "Manufacturing"
    TRADE = "trade_transportation_utilties", "Trade"
    INFORMATION = "information", "Information"
    FINANCE = "financial_activities", "Finance"
    BUSINESS = "professional_and_business_services", "Business"
    HEALTH = "education_and_health_services", "Health, schools"
    LEISURE = "leisure_and_hospitality", "Leisure"
    OTHER = "other_services", "Other services"
    GOVERNMENT = "government", "Government"
    ALL = "nonfarm", "All but farms"


class Employment(models.Model):
    """How many people a sector employed in a month."""

    sector = models.CharField(max_length=40, choices=Sector)
    month = models.DateField()
    thousands = models.FloatField(help_text="Thousands of people.")

    class Meta:
        ordering = ("sector", "month")
        constraints = (models.UniqueConstraint(fields=("sector", "month"), name="one_count_a_sector_and_month"),)
        verbose_name_plural = "employment"

    def __str__(self) -> str:
        return f"{self.get_sector_display()}, {self.month:%B %Y}"


class Generation(models.Model):
    """The electricity that Iowa made of a source in a year."""

    year = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=40)
    gigawatt_hours = models.FloatField()

    class Meta:
        ordering = ("year", "source")
        constraints = (models.UniqueConstraint(fields=("year", "source"), name="one_amount_a_year_and_source"),)
        verbose_name_plural = "generation"

    def __str__(self) -> str:
        return f"{self.source}, {self.year}"
