"""The package of python/ as pip would install it, with small programs in the place of Node.js and kdeploy."""

from __future__ import annotations

import pytest
from installation import Installation


@pytest.fixture
def installed(tmp_path) -> Installation:
    return Installation(tmp_path / "site-packages")
