"""Faults of our own are seen in tests; a scan survives them."""

from __future__ import annotations

import pytest

import datacheck.files.mask_files as mask_files


@pytest.fixture(autouse=True)
def faults_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mask_files, "SURVIVED", ())
