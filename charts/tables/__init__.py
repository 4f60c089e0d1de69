"""Tables: the numbers behind a picture as rows, for people who cannot see it and for those who calculate on."""

from charts.tables.figures import from_figure
from charts.tables.headings import from_chart
from charts.tables.reading import as_table, from_data
from charts.tables.sheets import first_rows, from_csv, to_csv
from charts.tables.table import Table

__all__ = ["Table", "as_table", "first_rows", "from_chart", "from_csv", "from_data", "from_figure", "to_csv"]
