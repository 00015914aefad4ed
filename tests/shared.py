"""Where tests find the reference and test material beside the project (real feeds, official shapes, tools)."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "shared"


def shared(path: str) -> Path:
    """The file or folder `path` of that material; skips the test where it is absent, or fails under FEDERATION_REQUIRE_SHARED=1."""
    found = ROOT / path
    if not found.exists():
        if os.environ.get("FEDERATION_REQUIRE_SHARED") == "1":
            pytest.fail(f"needs ../shared/{path}, and FEDERATION_REQUIRE_SHARED=1 says that it must be there")
        pytest.skip(f"needs ../shared/{path}")
    return found
