"""Long series that have nothing to do with weather stations, and a picture of each."""

from almanac.models.base import AlmanacChart
from almanac.models.carbon import CarbonDioxideCurve
from almanac.models.electricity import ElectricityMix
from almanac.models.employment import JobsBySector
from almanac.models.sources import CarbonDioxide, Employment, Generation, Sector

# Every picture of the almanac, in the order in which pages show them.
CHARTS = (CarbonDioxideCurve, JobsBySector, ElectricityMix)

__all__ = [
    "CHARTS",
    "AlmanacChart",
    "CarbonDioxide",
    "CarbonDioxideCurve",
    "ElectricityMix",
    "Employment",
    "Generation",
    "JobsBySector",
    "Sector",
]
