"""Check digits of requisites, against known and computed ones."""

import json
from pathlib import Path

import pytest

from models.ground import requisites as r

VECTORS = Path(__file__).parent.parent / "vectors"


def vector(name: str):
    return json.loads((VECTORS / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("row", vector("inn")["valid"], ids=lambda row: row["inn"])
def test_a_right_inn_is_taken(row):
    assert r.is_inn(row["inn"])


@pytest.mark.parametrize("row", vector("inn")["invalid"], ids=lambda row: row["why"])
def test_a_wrong_inn_is_not(row):
    assert not r.is_inn(row["inn"])


def test_ogrn_and_kpp_as_in_the_vectors():
    assert all(r.is_ogrn(row["ogrn"]) for row in vector("ogrn")["valid"])
    assert not any(r.is_ogrn(row["ogrn"]) for row in vector("ogrn")["invalid"])
    assert all(r.is_kpp(text) for text in vector("kpp")["valid"])
    assert not any(r.is_kpp(text) for text in vector("kpp")["invalid"])


@pytest.mark.parametrize("row", vector("bank_accounts")["valid"], ids=lambda row: row["account"])
def test_a_right_account_fits_its_bank(row):
    check = r.is_corr_account if row["type"] == "corr" else r.is_account
    assert check(row["account"], row["bic"])


@pytest.mark.parametrize("row", vector("bank_accounts")["invalid"], ids=lambda row: row["why"])
def test_a_wrong_account_does_not(row):
    check = r.is_corr_account if row.get("type") == "corr" else r.is_account
    assert not check(row["account"], row["bic"])
