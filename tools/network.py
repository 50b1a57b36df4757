"""Small questions about this machine's network."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess

SOMEWHERE_ELSE = ("192.0.2.1", 9)  # RFC 5737 §3: an address for documentation, which nothing is ever sent to


def lan_addresses() -> list[str]:
    """This machine's IPv4 addresses on its networks, the one with the way out first."""
    return list(dict.fromkeys([*_address_of_way_out(), *_addresses_of_interfaces()]))


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def _address_of_way_out() -> list[str]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(SOMEWHERE_ELSE)  # chooses an interface; a datagram socket sends nothing by connecting
        address = str(probe.getsockname()[0])
        return [] if address.startswith("127.") else [address]
    return []


def _addresses_of_interfaces() -> list[str]:
    ip = shutil.which("ip")
    if ip is None:
        return []
    listing = subprocess.run(
        [ip, "-4", "-oneline", "address", "show", "scope", "global"],
        capture_output=True,
        text=True,
        check=False,
    )
    return [line.split()[3].partition("/")[0] for line in listing.stdout.splitlines()]
