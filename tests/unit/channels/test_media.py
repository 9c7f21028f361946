import pytest

from hotline.channels.media import sniff


@pytest.mark.parametrize(
    ("start", "mime"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"OggS\x00\x02", "audio/ogg"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\x00\x00\x00\x20ftypisom", "video/mp4"),
        (b"\x00\x00\x00\x20ftypM4A ", "audio/mp4"),
        (b"\x00\x00\x00\x14ftyp3gp4", "video/3gpp"),
        (b"#!AMR\n", "audio/amr"),
        (b"%PDF-1.7", "application/pdf"),
    ],
)
def test_what_an_operator_can_look_at_is_known(start: bytes, mime: str):
    assert sniff(start) == mime


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"MZ\x90",
        b"\x7fELF",
        b"PK\x03\x04",
        b"<html>",
        b"<svg xmlns=",
        b"#!/bin/sh",
        b"\xd0\xcf\x11\xe0",
    ],
)
def test_programs_archives_and_pages_are_not(start: bytes):
    assert sniff(start) is None
