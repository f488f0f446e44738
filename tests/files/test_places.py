"""Scans, moving pictures and films lose the place they were made at, and nothing else."""

from __future__ import annotations

import io
import random
import struct
import time
from contextlib import suppress

import pytest
from PIL import Image, ImageSequence

from app.files import kinds
from app.files.scrub import cleaned
from models.ground.refused import Refused
from tests.files import containers, pictures

TRACES = (b"55.756", b"37.617", b"GPS", b"Moscow", b"+55.7558", b"2026:10:14\0", b"ISO6709")
WAYS = [{}, {"compression": "tiff_lzw"}, {"compression": "jpeg"}, {"compression": "tiff_adobe_deflate"}]


@pytest.fixture(autouse=True)
def spoken(app):
    with app.test_request_context():
        yield


def clean(data: bytes) -> bytes:
    picture = cleaned(data, kinds.type_of(data))
    assert picture is not None
    return picture.data


def frames(data: bytes) -> list[tuple[tuple[int, int], bytes]]:
    with Image.open(io.BytesIO(data)) as picture:
        return [(frame.size, frame.convert("RGB").tobytes()) for frame in ImageSequence.Iterator(picture)]


def told(data: bytes) -> dict[int, object]:
    with Image.open(io.BytesIO(data)) as picture:
        return dict(picture.tag_v2)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.get("compression", "raw"))
def test_a_scan_loses_its_place_and_keeps_its_pages_point_by_point(way):
    data = containers.tiff(**way)
    assert kinds.type_of(data) == "image/tiff"
    assert {0x02BC, 0x8482, 0x010E} <= set(told(data)), "the test picture has a place to lose"
    kept = clean(data)
    assert len(kept) == len(data)
    assert len(frames(kept)) == 2
    assert frames(kept) == frames(data)
    assert not {0x8825, 0x02BC, 0x83BB, 0x8482, 0x010E} & set(told(kept))
    assert pictures.places_of(kept)["gps"] == {}
    assert [trace for trace in TRACES if trace in kept] == []


def test_of_a_scan_the_time_and_the_machine_stay():
    kept = clean(containers.tiff())
    with Image.open(io.BytesIO(kept)) as picture:
        assert dict(picture.getexif().get_ifd(0x8769)) == {0x9003: pictures.TAKEN}
        assert picture.getexif()[0x0110] == "Scanner 7"


def test_the_other_order_of_bytes_is_read_too():
    data = containers.big_endian()
    place = struct.pack(">6I", 55, 1, 45, 1, 21, 1)
    assert place in data
    assert place not in clean(data)
    assert frames(clean(data)) == frames(data) == [((1, 1), b"\xff\xff\xff")]


def test_a_jpeg_inside_a_scan_loses_its_exif():
    inner = pictures.saved("JPEG", exif=pictures.exif())
    data = containers.big_endian() + b"\0" + inner
    at = data.index(inner)
    where = data.index(struct.pack(">HHI", 0x111, 4, 1)) + 8
    data = data[:where] + struct.pack(">I", at) + data[where + 4 :]
    kept = clean(data)
    assert b"Phone" in data
    assert b"Phone" not in kept
    assert frames(kept[at:]) == frames(inner)


@pytest.mark.parametrize("bad", [b"II*\0", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\0\x01", b"II*\0\0\0\0\0" * 4])
def test_a_scan_without_its_directory_is_refused(bad):
    with pytest.raises(Refused, match="повреж|damaged"):
        clean(bad)


def test_of_a_scan_that_was_cut_off_the_first_page_is_kept_without_its_place():
    data = containers.tiff()
    kept = clean(data[:-2000])
    assert b"55.756" not in kept[:4000]
    with Image.open(io.BytesIO(kept)) as picture:
        assert picture.size == (640, 420)
        assert 0x8825 not in picture.tag_v2


def test_a_large_drawing_is_no_picture_to_be_opened_and_is_kept():
    data = pictures.saved("TIFF", Image.new("1", (31_000, 8_000)), compression="group4")
    kept = cleaned(data, "image/tiff")
    assert (kept.width, kept.height) == (0, 0)
    assert kept.data == data


def test_directories_that_turn_in_a_circle_or_name_everything_are_told_quickly():
    def table(tag: int, kind: int, many: int, value: int, count: int, following: int) -> bytes:
        return (
            struct.pack("<H", count)
            + struct.pack("<HHII", tag, kind, many, value) * count
            + struct.pack("<I", following)
        )

    filling = b"x" * 20_000_000
    made = {
        "circle": table(0x100, 3, 1, 1, 1, 8),
        "all of it": table(0x02BC, 1, len(filling), 8, 60_000, 0) + filling,
        "offsets": table(0x111, 4, 4_000_000, 200, 50_000, 0) + filling,
        "deep": table(0x014A, 4, 4_000_000, 200, 50_000, 0) + filling,
    }
    for name, body in made.items():
        since = time.monotonic()
        with suppress(Refused):
            clean(b"II*\0\x08\0\0\0" + body)
        assert time.monotonic() - since < 2, name


def test_a_moving_picture_loses_its_words_and_moves_on():
    data = containers.gif()
    kept = clean(data)
    assert [trace for trace in TRACES if trace in kept] == []
    assert frames(kept) == frames(data)
    with Image.open(io.BytesIO(kept)) as picture:
        assert (picture.n_frames, picture.info["loop"], picture.info["duration"]) == (2, 0, 100)


def test_half_a_moving_picture_is_kept_without_its_words():
    data = containers.gif()
    assert b"55.756" not in clean(data[:-400])


def test_an_avif_loses_its_place():
    data = pictures.saved("AVIF", exif=pictures.exif(1).tobytes(), xmp=pictures.XMP)
    assert kinds.type_of(data) == "image/avif"
    assert pictures.places_of(data)["gps"]
    kept = clean(data)
    assert frames(kept) == frames(data)
    assert pictures.places_of(kept)["gps"] == {}
    assert b"Phone" not in kept
    assert b"GPSLatitude" not in kept


@pytest.mark.parametrize("brand", [b"isom", b"mp42", b"qt  ", b"3gp4", b"M4A "])
@pytest.mark.parametrize("moov_first", [True, False])
def test_a_film_loses_its_place_where_it_stands(brand, moov_first):
    data = containers.film(brand, moov_first=moov_first)
    kept = clean(data)
    assert len(kept) == len(data)
    assert [trace for trace in TRACES if trace in kept] == []
    for part in (b"the film itself udta", b"mvhd", b"tkhd", b"stco"):
        assert kept.index(part) == data.index(part)


@pytest.mark.parametrize("cut", [9, 30, 200, 400, -5])
def test_half_a_film_is_kept(cut):
    data = containers.film(b"qt  ", moov_first=False)[:cut]
    assert len(clean(data)) == len(data)


@pytest.mark.parametrize("made", [containers.tiff, containers.gif, containers.film, containers.big_endian])
def test_broken_bytes_are_refused_or_kept_but_never_a_fault(made):
    data, chance = made(), random.Random(7)
    for _round in range(150):
        bad = bytearray(data[: chance.randrange(12, len(data))])
        for _hit in range(chance.randrange(1, 20)):
            bad[chance.randrange(8, min(len(bad), 600))] = chance.randrange(256)
        with suppress(Refused):
            cleaned(bytes(bad), kinds.type_of(bytes(bad)))


def test_films_and_moving_pictures_cut_into_dust_are_told_quickly():
    dust = {
        "image/gif": pictures.saved("GIF")[:13] + b"\x21\xfe" + b"\x01a" * 12_000_000,
        "video/mp4": containers.film()[:16] + containers.box(b"moov", containers.box(b"trak") * 3_000_000),
    }
    for kind, data in dust.items():
        since = time.monotonic()
        with suppress(Refused):
            cleaned(data, kind)
        assert time.monotonic() - since < 2, kind


def test_a_table_that_names_the_whole_file_again_and_again_is_not_followed():
    _refused_quickly(containers.greedy_heic(pieces=200, length=15_000_000))


def test_a_scan_of_a_million_empty_directories_is_not_read_to_its_end():
    empty = b"".join(struct.pack("<HI", 0, 8 + 6 * number) for number in range(1, 1_000_000))
    _refused_quickly(b"II*\0\x08\0\0\0" + empty)


def _refused_quickly(data: bytes) -> None:
    since = time.monotonic()
    with pytest.raises(Refused):
        clean(data)
    assert time.monotonic() - since < 2
