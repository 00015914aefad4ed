"""The parts of the SHACL compiler; its door is federation.quality.shacl."""
