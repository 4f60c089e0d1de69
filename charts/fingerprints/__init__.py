"""Digests: what a picture was drawn from, in 64 characters, so that nothing unchanged is drawn again.

Equal data gives equal digests in every process and on every machine; different data gives different ones. Where
the two goals meet, a picture drawn once too often is cheaper than one that is wrong.
"""

from charts.fingerprints.digesting import digest
from charts.fingerprints.recipes import recipe_digest
from charts.fingerprints.rows import row_state
from charts.fingerprints.settling import settle

__all__ = ["digest", "recipe_digest", "row_state", "settle"]
