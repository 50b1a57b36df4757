"""The ticket's square code as a drawing inside a page."""

from __future__ import annotations

from functools import lru_cache

import qrcode
from markupsafe import Markup
from qrcode.constants import ERROR_CORRECT_Q

QUIET_ZONE = 4


@lru_cache(maxsize=4096)
def qr_svg(code: str) -> Markup:
    """An SVG of `code`: error correction Q, quiet zone of 4 modules, black on white whatever the page's colours."""
    picture = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=QUIET_ZONE)
    picture.add_data(code, optimize=0)
    picture.make(fit=True)
    matrix = picture.get_matrix()
    size = len(matrix)
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark)
    return Markup(  # noqa: S704 - numbers only
        f'<svg xmlns="http://www.w3.org/2000/svg" class="qr" viewBox="0 0 {size} {size}" width="{size * 8}" '
        f'height="{size * 8}" shape-rendering="crispEdges" aria-hidden="true"><rect width="{size}" '
        f'height="{size}" fill="#fff"/><path d="{path}" fill="#000"/></svg>'
    )
