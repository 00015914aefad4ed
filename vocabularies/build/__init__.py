"""Makes the tables of this package from the original publications: `python -m vocabularies.build ORIGINALS_DIR [--table NAME]`.

Facts that no original states (translations, usual file suffixes, mappings, aliases) are kept by hand in `additions/` and
`aliases/`; this script reads and checks them and never writes them. SOURCES.toml and the tables are written by it alone.
"""
