"""What a file really is, by its first bytes. Names and stated types are the sender's claim.

Only what an operator can look at or listen to without opening another program is kept: pictures,
sound, video and PDF. Anything else is refused, because a file is the easiest way to attack a desk.
"""

_MP4_SOUND = (b"M4A ", b"M4B ")
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"#!AMR", "audio/amr"),
    (b"%PDF-", "application/pdf"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
)


def sniff(data: bytes) -> str | None:
    """The media type by content, None for everything that is not kept."""
    for start, mime in _STARTS:
        if data.startswith(start):
            return mime
    if data[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(data[8:12])
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        if brand[:3] == b"3gp":
            return "video/3gpp"
        return "audio/mp4" if brand in _MP4_SOUND else "video/mp4"
    return None
