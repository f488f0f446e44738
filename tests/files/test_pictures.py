"""What a photo says about the place it was taken at never reaches the disk; the picture itself is not touched."""

from __future__ import annotations

import io
import random
import time
from contextlib import suppress

import pytest
from PIL import Image

from app.files import kinds
from app.files.drawing import Undrawable, draw
from app.files.scrub import cleaned
from models.ground.refused import Refused
from tests.files import pictures

MADE = {"jpeg": pictures.jpeg, "png": pictures.png, "webp": pictures.webp, "heic": pictures.heic}


@pytest.fixture(autouse=True)
def spoken(app):
    with app.test_request_context():
        yield


def points(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as picture:
        return picture.convert("RGBA").tobytes()


@pytest.mark.parametrize("kind", MADE)
def test_the_place_is_gone_and_the_picture_is_the_same(kind: str) -> None:
    data = MADE[kind]()
    before = pictures.places_of(data)
    assert before["gps"], "the test picture has a place to lose"
    picture = cleaned(data, kinds.type_of(data))
    after = pictures.places_of(picture.data)
    assert after["gps"] == {}
    assert after["maker"] is None
    assert not after["rest"]
    assert after["size"] == before["size"]
    assert points(picture.data) == points(data)
    for trace in (b"GPS", b"Phone", b"55.756", b"37.617", b"Model 7"):
        assert trace not in picture.data


def test_a_photo_keeps_its_turn_and_its_time() -> None:
    picture = cleaned(pictures.jpeg(6), "image/jpeg")
    after = pictures.places_of(picture.data)
    assert (after["turn"], after["taken"]) == (6, pictures.TAKEN)
    assert (picture.width, picture.height) == (420, 640)


def test_what_hangs_behind_a_jpeg_is_cut_off() -> None:
    picture = cleaned(pictures.jpeg(), "image/jpeg")
    assert picture.data.count(b"\xff\xd8\xff") == 1
    assert picture.data.endswith(b"\xff\xd9")


def test_a_photo_cut_off_on_the_way_is_kept_without_its_place() -> None:
    data = pictures.saved("JPEG", exif=pictures.exif())
    picture = cleaned(data[: len(data) // 2], "image/jpeg")
    assert b"Phone" not in picture.data
    assert draw(picture.data).thumb


def test_half_a_png_is_kept_and_said_to_be_unshowable() -> None:
    data = pictures.png()
    with pytest.raises(Undrawable):
        draw(cleaned(data[: len(data) // 2], "image/png").data)


@pytest.mark.parametrize("kind", MADE)
def test_broken_bytes_are_refused_or_kept_but_never_a_fault(kind: str) -> None:
    data, chance = MADE[kind](), random.Random(7)
    for _round in range(150):
        bad = bytearray(data[: chance.randrange(12, len(data))])
        for _hit in range(chance.randrange(1, 20)):
            bad[chance.randrange(12, len(bad)) if len(bad) > 12 else 0] = chance.randrange(256)
        with suppress(Refused):
            cleaned(bytes(bad), kinds.type_of(bytes(bad)))


def test_pictures_cut_into_dust_are_told_quickly() -> None:
    head = pictures.saved("JPEG")
    dust = {
        "image/jpeg": head[: head.index(b"\xff\xda") + 14] + b"\xff\x00" * 10_000_000,
        "image/png": pictures.saved("PNG")[:33] + (b"\x00\x00\x00\x00tEXt\x00\x00\x00\x00" * 1_600_000),
        "image/webp": b"RIFF\x00\x00\x00\x00WEBP" + b"ZZZZ\x00\x00\x00\x00" * 2_500_000,
    }
    for kind, data in dust.items():
        since = time.monotonic()
        with suppress(Refused):
            cleaned(data, kind)
        assert time.monotonic() - since < 2, kind


def test_a_picture_that_would_fill_the_memory_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        cleaned(pictures.bomb(), "image/png")
    assert "большая" in refusal.value.words or "large" in refusal.value.words
    with pytest.raises(Undrawable):
        draw(pictures.bomb())


@pytest.mark.parametrize("kind", [*MADE, "gif", "bmp"])
def test_previews_are_jpegs_of_ours_without_anything_else(kind: str) -> None:
    data = MADE[kind]() if kind in MADE else pictures.saved(kind.upper(), pictures.drawn(900, 500))
    drawn = draw(data)
    for preview, most in ((drawn.thumb, 480), (drawn.view, 2560)):
        assert kinds.type_of(preview) == "image/jpeg"
        with Image.open(io.BytesIO(preview)) as picture:
            assert max(picture.size) <= most
            assert not picture.getexif()


def test_a_turned_photo_stands_upright_in_its_preview() -> None:
    with Image.open(io.BytesIO(draw(pictures.jpeg(6)).thumb)) as picture:
        assert picture.height > picture.width
