from __future__ import annotations

import gc

import boto3
import pytest

from uploader.aws import s3_client


@pytest.fixture(autouse=True)
def _afterwards_all_is_the_collector_s_business_again():
    yield
    gc.unfreeze()


def test_the_collector_has_no_business_with_a_client(monkeypatch):
    """It does not run while one is made, and what stays of it is not looked at later; then it goes on."""
    make, ran = boto3.client, []

    def made(*args, **options):
        ran.append(gc.isenabled())
        return make(*args, **options)

    monkeypatch.setattr(boto3, "client", made)
    client = s3_client()
    assert ran == [False]
    assert not any(each is client for each in gc.get_objects())
    assert gc.isenabled()


def test_the_collector_goes_on_where_no_client_can_be_made(monkeypatch):
    """A function that fails is called again, and collects its garbage all the same."""

    def fails(*_, **__):
        raise ValueError("no region")

    monkeypatch.setattr(boto3, "client", fails)
    with pytest.raises(ValueError, match="no region"):
        s3_client()
    assert gc.isenabled()
