"""Tables of codes, keys, labels and texts as data files; SOURCES.toml says where each comes from."""
