"""Where the demo listens, its certificate and its card."""

from __future__ import annotations

import http.client
import http.server
import socket
import ssl
import threading

import pytest

from tools import serve
from tools.certificate import certificate_for
from tools.steps import StepFailed


@pytest.fixture
def taken_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_taken_port_is_one_clear_sentence(taken_port):
    with pytest.raises(StepFailed) as failure:
        serve.choose_place(str(taken_port), lan=False)
    assert str(failure.value) == (
        f"Port {taken_port} is taken by another program. Choose another: make run PORT={taken_port + 1}"
    )


@pytest.mark.parametrize("port", ["", "0", "70000", "http", "-1"])
def test_a_port_that_is_none_is_refused(port):
    with pytest.raises(StepFailed, match="PORT must be a whole number"):
        serve.choose_place(port, lan=False)


def test_the_demos_keys_are_kept_and_private(tmp_path, monkeypatch):
    monkeypatch.setattr(serve, "KEYS", tmp_path / "demo.env")
    keys = serve.demo_keys()
    assert serve.demo_keys() == keys
    assert set(keys) == {"SECRET_KEY", "LINK_KEY"}
    assert (tmp_path / "demo.env").stat().st_mode & 0o077 == 0


def test_the_settings_made_for_the_demo_are_good(tmp_path, monkeypatch):
    from config import read_settings

    monkeypatch.setattr(serve, "KEYS", tmp_path / "demo.env")
    settings = read_settings(serve.environment_for(serve.Place("127.0.0.1", 5004, ["127.0.0.1"])))
    assert settings.demo_mode
    assert settings.base_url == "http://127.0.0.1:5004"
    assert settings.trusted_hosts == ("127.0.0.1", "localhost")


def test_a_wrong_setting_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(serve, "KEYS", tmp_path / "demo.env")
    monkeypatch.setenv("MAIL_URL", "mail.example.org")
    with pytest.raises(StepFailed, match="MAIL_URL is wrong: it must look like smtp://"):
        serve.check_settings(serve.environment_for(serve.Place("127.0.0.1", 5004, ["127.0.0.1"])))


def test_phones_are_served_over_https_with_a_certificate_for_the_address(tmp_path):
    made = certificate_for(["127.0.0.1"], tmp_path)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        trusting = ssl.create_default_context(cafile=made.certificate)
        connection = http.client.HTTPSConnection("127.0.0.1", server.server_port, timeout=10, context=trusting)
        connection.request("HEAD", "/")
        assert connection.getresponse().status == http.HTTPStatus.OK
        connection.close()
        server.shutdown()


def test_the_certificate_is_kept_until_the_addresses_change(tmp_path):
    first = certificate_for(["192.0.2.7"], tmp_path).certificate.read_bytes()
    assert certificate_for(["192.0.2.7"], tmp_path).certificate.read_bytes() == first
    assert certificate_for(["192.0.2.8"], tmp_path).certificate.read_bytes() != first
    assert certificate_for(["192.0.2.8"], tmp_path).key.stat().st_mode & 0o077 == 0


def test_the_card_names_every_address_and_sign_in():
    place = serve.Place("0.0.0.0", 5004, ["192.0.2.7", "198.51.100.7"])
    rows = serve.card_rows(
        {
            "addresses": {"site": place.base_url, "desk": f"{place.base_url}/desk"},
            "sign_ins": [{"role": "organizer", "email": "anna@library.example", "password": "a password"}],
            "door": f"{place.base_url}/door/pair#token",
            "mails": f"{place.base_url}/letters",
        }
    )
    card = serve.render_card(place, rows)
    assert [line.split(maxsplit=1) for line in card.splitlines() if line.startswith("  ")] == [
        ["Site", "http://192.0.2.7:5004"],
        ["Desk", "http://192.0.2.7:5004/desk"],
        ["Organizer", "anna@library.example  a password"],
        ["Pair", "a phone   http://192.0.2.7:5004/door/pair#token"],
        ["Outgoing", "mail  http://192.0.2.7:5004/letters"],
        ["Also", "http://198.51.100.7:5004"],
        ["Stop", "Ctrl-C"],
    ]


def test_the_card_for_phones_shows_a_code_of_the_address(tmp_path):
    import zxingcpp
    from PIL import Image

    place = serve.Place("0.0.0.0", 5004, ["192.0.2.7"], certificate_for(["192.0.2.7"], tmp_path))
    card = serve.render_card(place, [])
    rows = [line for line in card.splitlines() if set(line) & set("█▀▄")]
    picture = Image.new("L", (max(map(len, rows)), 2 * len(rows)), 0)
    for y, row in enumerate(rows):
        for x, sign in enumerate(row):
            picture.putpixel((x, 2 * y), 255 * (sign in "█▀"))
            picture.putpixel((x, 2 * y + 1), 255 * (sign in "█▄"))
    picture = picture.resize((picture.width * 6, picture.height * 6), Image.Resampling.NEAREST)
    [code] = zxingcpp.read_barcodes(picture)
    assert code.text == "https://192.0.2.7:5004"


def test_a_folder_serves_once_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(serve, "INSTANCE", tmp_path)
    with serve.only_one_here(), pytest.raises(StepFailed, match="runs from this folder already"):
        serve.only_one_here()
    serve.only_one_here().close()
