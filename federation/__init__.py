"""The open data federation: one shared DCAT-AP.de 3.0 catalog for all cities of a region.

The straight line is fetch -> split -> map -> normalise -> check -> store -> publish; README.md says what is where.
"""

__version__ = "0.1.0"
