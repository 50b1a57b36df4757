"""Films for Chromium's fake camera, made without an encoder: Y4M is plain YUV, a line before each picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import qrcode
from PIL import Image

SIZE = (640, 480)


def film_flags(path: Path) -> list[str]:
    """The flags by which Chromium takes the film as its only camera and allows it without asking."""
    return [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={path}",
    ]


def write_y4m(path: Path, image: Image.Image, seconds: float = 1, fps: int = 10) -> None:
    """A film that shows one picture; Chromium plays it again and again."""
    write_film(path, [(image, seconds)], fps)


def write_film(path: Path, scenes: Sequence[tuple[Image.Image, float]], fps: int = 10) -> None:
    """A film of several pictures, each for its seconds, all as large as the first."""
    width, height = scenes[0][0].size
    with path.open("wb") as film:
        film.write(f"YUV4MPEG2 W{width} H{height} F{fps}:1 Ip A1:1 C420jpeg\n".encode())
        for image, seconds in scenes:
            film.write((b"FRAME\n" + _planes(image, (width, height))) * max(1, round(seconds * fps)))


def empty_hall() -> Image.Image:
    """What a camera sees when nobody holds a ticket."""
    return Image.new("RGB", SIZE, "#8a8f94")


def held_up(*texts: str) -> Image.Image:
    """What a camera sees when these codes are held before it, side by side."""
    picture = empty_hall()
    room = SIZE[0] // len(texts)
    for place, text in enumerate(texts):
        code = qr_picture(text)
        side = min(room - 20, 300)
        code = code.resize((side, side), Image.Resampling.NEAREST)
        picture.paste(code, (place * room + (room - side) // 2, (SIZE[1] - side) // 2))
    return picture


def qr_picture(text: str) -> Image.Image:
    """A QR like the one on our tickets: error correction Q, four modules of quiet zone, black on white."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, border=4, box_size=10)
    code.add_data(text)
    picture: Image.Image = code.make_image().get_image().convert("RGB")
    return picture


def _planes(image: Image.Image, size: tuple[int, int]) -> bytes:
    luma, blue, red = image.convert("RGB").resize(size).convert("YCbCr").split()
    half = (size[0] // 2, size[1] // 2)
    return b"".join([luma.tobytes(), *(_halved(plane, half) for plane in (blue, red))])


def _halved(plane: Image.Image, half: tuple[int, int]) -> bytes:
    return plane.resize(half, Image.Resampling.BOX).tobytes()
