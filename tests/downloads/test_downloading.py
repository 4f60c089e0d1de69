"""Downloads take the picture that is asked for, and nothing else gets in or out."""

import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from django.core.files import File
from django.core.files.storage import FileSystemStorage
from PIL import Image, ImageFile

from charts.downloads import download_image, downloading
from charts.exceptions import DownloadError
from tests.downloads.conftest import Internet
from tests.downloads.pictures import FORMATS, animation_bytes, image_bytes, png_of_declared_size
from tests.image_server import ImageServer, Talk, chunked, redirect, reply

PNG = image_bytes(size=(160, 90))
LARGE = image_bytes(size=(40, 30)) + bytes(3 * 2**20)


def taken(server: ImageServer, path: str = "/a.png", **options: object) -> bytes:
    with download_image(server.url(path), **{"allow_private": True, "timeout": 20, **options}) as download:
        return download.file.read()


def assert_refused(server: ImageServer, answer: bytes | Talk, reason: str, **options: object) -> str:
    server.routes["/a.png"] = answer
    with pytest.raises(DownloadError, match=reason) as caught:
        taken(server, **options)
    return str(caught.value)


# What is taken


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_picture_is_taken_with_what_it_is(server, format_name):
    data = image_bytes(format_name, (160, 90))
    # Neither the type that the server says nor the name in the URL is believed.
    server.routes["/a.php?x=.exe"] = reply(data, Content_Type="text/html")
    with download_image(server.url("/a.php?x=.exe"), allow_private=True) as download:
        assert isinstance(download.file, File)
        assert download.file.read() == data
        assert (download.format, download.width, download.height) == (format_name, 160, 90)
        assert download.file.name == f"image.{download.extension}"
        assert download.content_type == f"image/{format_name.lower()}"
        assert download.file.size == len(data)
        assert download.url == server.url("/a.php?x=.exe")


def test_an_animation_is_taken(server):
    server.routes["/a.png"] = reply(animation_bytes("GIF", 5))
    with download_image(server.url(), allow_private=True) as download:
        assert download.frames == 5


@pytest.mark.parametrize(
    "answer",
    [
        chunked(PNG[:100], PNG[100:]),
        chunked(*(PNG[at : at + 1] for at in range(len(PNG)))),
        reply(PNG, Content_Length=""),
        reply(PNG, Content_Length="many"),
        reply(PNG).replace(b"HTTP/1.1", b"HTTP/1.0"),
        reply(PNG, Content_Encoding="identity"),
        b"HTTP/1.1 100 Continue\r\n\r\n" + reply(PNG),
        reply(PNG + b"<script>", Content_Length=str(len(PNG))),
    ],
    ids=["chunked", "one byte a chunk", "until the end", "no number", "1.0", "identity", "continue", "more sent"],
)
def test_a_body_is_taken_however_it_is_framed(server, answer):
    server.routes["/a.png"] = answer
    assert taken(server) == PNG


def test_a_request_carries_nothing_of_this_machine(server, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.routes["/a.png"] = reply(PNG)
    taken(server)
    assert server.requests == [
        b"GET /a.png HTTP/1.1\r\n"
        b"Host: 127.0.0.1:%d\r\n"
        b"User-Agent: django-chart-models\r\n"
        b"Accept: image/avif,image/webp,image/png,image/jpeg,image/gif\r\n"
        b"Accept-Encoding: identity\r\n"
        b"Connection: close\r\n\r\n" % server.port
    ]


def test_an_ipv6_address_is_connected_to():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with ImageServer({"/a.png": reply(PNG)}, address="::1") as server:
        with download_image(server.url(host="[::1]"), allow_private=True) as download:
            assert download.width == 160
        assert b"Host: [::1]:" in server.requests[0]


def test_an_international_host_and_path_are_sent_in_ascii(internet: Internet, server):
    internet.names["xn--bcher-kva.example"] = ["93.184.216.34"]
    internet.servers["93.184.216.34", 80] = server.port
    server.routes["/%C3%BC%20x.png?q=%C3%A4"] = reply(PNG)
    with download_image("http://bücher.example/ü x.png?q=ä#part") as download:
        assert download.width == 160
    assert b"Host: xn--bcher-kva.example\r\n" in server.requests[0]


def test_a_storage_takes_the_file(server, tmp_path):
    server.routes["/a.png"] = reply(PNG)
    storage = FileSystemStorage(tmp_path)
    with download_image(server.url(), allow_private=True) as download:
        name = storage.save("logo.png", download.file)
    assert (tmp_path / name).read_bytes() == PNG


def test_many_threads_download_at_once(server):
    for number in range(20):
        server.routes[f"/{number}"] = reply(image_bytes(size=(100 + number, 50)))

    def width(number: int) -> int:
        with download_image(server.url(f"/{number}"), allow_private=True, timeout=30) as download:
            return download.width

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(width, range(20))) == list(range(100, 120))


def test_no_global_state_is_changed(server):
    def state() -> tuple[object, ...]:
        return (
            socket.getdefaulttimeout(),
            ssl._create_default_https_context,
            Image.MAX_IMAGE_PIXELS,
            ImageFile.LOAD_TRUNCATED_IMAGES,
            dict(os.environ),
            threading.active_count(),
        )

    server.routes["/a.png"] = reply(PNG)
    taken(server)  # what is loaded on first use
    before = state()
    taken(server)
    for thread in server.threads[1:]:
        thread.join()
    assert state()[:-1] == before[:-1]


# What is refused for its content


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is empty"),
        (b"<!doctype html><title>Not found</title>", "is a web page"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "SVG, which can carry scripts"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "PostScript"),
        (PNG[:-20], "cut off"),
        (image_bytes("JPEG", (300, 200))[:-500], "cut off"),
        (png_of_declared_size(30_000, 30_000), "declares 30,000 × 30,000 pixels"),
        (animation_bytes("GIF", 1_200, (2, 2)), "1,200 frames"),
    ],
)
def test_a_body_that_is_no_sound_picture_is_refused(server, body, reason):
    message = assert_refused(server, reply(body), reason)
    assert message.startswith(f"The image at {server.url()} ")
    assert message.endswith(".")


def test_the_bound_of_pixels_is_the_callers(server):
    assert_refused(server, reply(PNG), "more than 100: .*MAX_PIXELS", max_pixels=100)


# What is refused for its length


def test_an_announced_length_over_the_bound_is_refused_before_the_body_comes(server):
    def announce(visit):
        visit.send(reply(Content_Length=str(20 * 2**20 + 1)))
        visit.stopping.wait(20)

    began = time.monotonic()
    assert_refused(server, announce, "longer than 20,971,520 bytes.*max_bytes")
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("start", [reply(Content_Length=""), chunked()[:-5]], ids=["until the end", "chunked"])
def test_an_endless_body_is_cut_off_at_the_bound(server, start):
    def pour(visit):
        visit.send(start)
        block = bytes(65_536)
        while not visit.stopping.is_set():
            visit.send(b"10000\r\n%s\r\n" % block if b"chunked" in start else block)

    assert_refused(server, pour, "longer than 1,000,000 bytes", max_bytes=1_000_000)


def test_endless_framing_is_cut_off(server):
    def pour(visit):
        visit.send(chunked()[:-5])
        while not visit.stopping.is_set():
            visit.send(b"1;" + b"x" * 60_000 + b"\r\nx\r\n")

    assert_refused(server, pour, "headers or framing", max_bytes=100_000)


def test_a_body_exactly_at_the_bound_is_taken(server):
    server.routes["/a.png"] = reply(PNG, Content_Length="")
    assert taken(server, max_bytes=len(PNG)) == PNG
    with pytest.raises(DownloadError, match="longer than"):
        taken(server, max_bytes=len(PNG) - 1)


def test_a_long_body_is_never_in_memory_as_a_whole(server):
    body = b"no picture" + bytes(15 * 2**20)
    server.routes["/a.png"] = reply(body)
    tracemalloc.start()
    try:
        with pytest.raises(DownloadError):
            taken(server)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * 2**20


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (reply(PNG, Content_Length=str(len(PNG) + 10)), "cut off: 10 announced bytes are missing"),
        (reply(PNG, Content_Length=str(len(PNG) - 10)), "cut off"),
        (chunked(PNG)[:-20], "cut off"),
        (chunked(PNG).replace(b"0\r\n\r\n", b"-5\r\n"), "cut off"),
        (reply(PNG, Transfer_Encoding="gzip, chunked"), "transfer encoding"),
        (reply(PNG, Content_Encoding="gzip"), "compressed"),
        (reply(PNG, Content_Encoding="br, gzip"), "compressed"),
    ],
)
def test_a_body_that_is_not_framed_as_announced_is_refused(server, answer, reason):
    assert_refused(server, answer, reason)


# What is refused for its answer


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("204 No Content", "204 No Content"),
        ("206 Partial Content", "206 Partial Content"),
        ("302 Found", "302 Found"),
        ("304 Not Modified", "304 Not Modified"),
        ("401 Unauthorized", "401 Unauthorized"),
        ("404 Gone Fishing\x1b[31m", "404 Not Found"),
        ("500 Internal Server Error", "500 Internal Server Error"),
        ("799 Odd", "status 799"),
    ],
)
def test_an_answer_without_a_whole_body_is_refused(server, status, said):
    assert_refused(server, reply(PNG, status=status), f"is answered with {said}: check the address")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 xyz\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 " + b"x" * 70_000,
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 150 + b"\r\n" + PNG,
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n" + PNG,
    ],
    ids=["nothing", "0.9", "no status", "no number", "ssh", "long status", "many headers", "long header"],
)
def test_an_answer_that_is_no_sound_http_is_refused(server, answer):
    assert_refused(server, answer, "could not be fetched|headers or framing")


def test_headers_are_bounded_in_all(server):
    headers = b"".join(b"X-%d: %s\r\n" % (number, b"y" * 2_000) for number in range(90))
    assert_refused(server, b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n" + PNG, "headers or framing")


def test_endless_continuations_are_cut_off(server):
    def pour(visit):
        while not visit.stopping.is_set():
            visit.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    assert_refused(server, pour, "headers or framing")


def test_a_connection_that_is_reset_in_the_body_is_refused(server):
    def hang_up(visit):
        visit.send(reply(PNG)[:-100])
        visit.reset()

    assert_refused(server, hang_up, "could not be fetched|cut off")


def test_a_port_where_nobody_listens_is_refused(server):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(DownloadError, match=r"could not be fetched [(]Connection refused"):
        download_image(f"http://127.0.0.1:{port}/a.png", allow_private=True)


# Time


def drip_headers(visit):
    visit.drip(reply(PNG, X_Padding="x" * 10_000))


def drip_body(visit):
    visit.send(reply(Content_Length="100000"))
    visit.drip(bytes(100_000))


def drip_chunks(visit):
    visit.send(chunked()[:-5])
    visit.drip(b"1\r\nx\r\n" * 10_000)


def say_nothing(visit):
    visit.stopping.wait(60)


def drip_redirects(visit):
    visit.stopping.wait(0.2)
    visit.send(redirect("/a.png"))


@pytest.mark.parametrize("slow", [drip_headers, drip_body, drip_chunks, say_nothing, drip_redirects])
def test_the_timeout_is_for_the_whole_download(server, slow):
    began = time.monotonic()
    assert_refused(server, slow, "did not arrive within 0.5 seconds.*raise timeout", timeout=0.5, max_redirects=1_000)
    assert time.monotonic() - began < 5


def test_without_any_time_nothing_is_asked(server):
    assert_refused(server, reply(PNG), "did not arrive within 0 seconds", timeout=0)
    assert server.requests == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_accepts_and_never_answers_is_left_at_the_deadline(scheme):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/a.png"
        began = time.monotonic()
        with pytest.raises(DownloadError, match="did not arrive within"):
            download_image(url, allow_private=True, timeout=0.5)
        assert time.monotonic() - began < 5


def test_a_handshake_that_drips_is_left_at_the_deadline():
    record = b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc"  # a server's hello of 16 KB
    with ImageServer(greeting=lambda visit: visit.drip(record + bytes(16_000))) as server:
        began = time.monotonic()
        with pytest.raises(DownloadError, match="did not arrive within"):
            download_image(f"https://127.0.0.1:{server.port}/", allow_private=True, timeout=0.5)
        assert time.monotonic() - began < 5


def test_a_look_up_that_hangs_is_left_at_the_deadline(monkeypatch):
    released = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: released.wait(60))
    began = time.monotonic()
    with pytest.raises(DownloadError, match=r"did not arrive within 0.3 seconds"):
        download_image("http://slow.example/", timeout=0.3)
    released.set()
    assert time.monotonic() - began < 5


def test_a_dead_address_leaves_time_for_the_next_one(internet: Internet, server, monkeypatch):
    internet.names["two.example"] = ["93.184.216.33", "93.184.216.34"]
    internet.servers["93.184.216.34", 80] = server.port
    server.routes["/a.png"] = reply(PNG)
    routed_connect = socket.socket.connect
    waits: list[float | None] = []

    def connect(self: socket.socket, address: tuple[str, int]) -> None:
        waits.append(self.gettimeout())
        if address[0] == "93.184.216.33":
            raise TimeoutError
        routed_connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    with download_image("http://two.example/a.png", timeout=20) as download:
        assert download.width == 160
    assert 5 < waits[0] <= 10 < waits[1] <= 20


# Redirects


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_followed(server, status):
    server.routes["/a.png"] = redirect("/b/../c.png?x#y", status)
    server.routes["/c.png?x"] = reply(PNG)
    with download_image(server.url(), allow_private=True) as download:
        assert download.width == 160
        assert download.url == server.url("/c.png?x#y")


def test_no_more_redirects_are_followed_than_allowed(server):
    for number in range(5):
        server.routes[f"/{number}"] = redirect(f"/{number + 1}")
    server.routes["/5"] = reply(PNG)
    assert taken(server, "/2") == PNG
    with pytest.raises(DownloadError, match="redirected more than 3 times"):
        taken(server, "/1")
    with pytest.raises(DownloadError, match="redirected more than 0 times"):
        taken(server, "/4", max_redirects=0)
    assert taken(server, "/0", max_redirects=5) == PNG


def test_a_redirect_in_a_circle_ends(server):
    assert_refused(server, redirect("/a.png"), "redirected more than 3 times")
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("file:///etc/passwd", "another scheme"),
        ("gopher://127.0.0.1/", "another scheme"),
        ("data:image/png;base64,iVBORw0KGgo=", "another scheme"),
        ("http://169.254.169.254/latest/meta-data/", "choose a public host"),
        ("http://[::ffff:169.254.169.254]/", "choose a public host"),
        ("http://0x7f.1/", "number for a host"),
        ("http://user:secret@example.com/", "user name"),
        ("http://[broken/", "broken URL"),
        ("http://example.com/\r\n X: y", "control character"),
    ],
)
def test_a_redirect_is_checked_like_the_first_address(server, location, reason):
    message = assert_refused(server, redirect(location), reason)
    assert "secret" not in message
    assert len(server.requests) == 1


def test_an_error_says_where_a_redirect_led(server):
    server.routes["/b.png"] = reply(b"", "404 Not Found")
    message = assert_refused(server, redirect("/b.png?token=secret"), "404 Not Found")
    assert message.startswith(f"The image at {server.url()}, redirected to {server.url('/b.png')}?…, is answered")


def test_a_public_site_cannot_redirect_to_a_private_one(internet: Internet, server):
    internet.names.update({"public.example": ["93.184.216.34"], "private.example": ["10.0.0.1"]})
    internet.servers.update({("93.184.216.34", 80): server.port, ("10.0.0.1", 80): server.port})
    for location in ("http://private.example/b.png", "http://10.0.0.1/b.png", "http://127.0.0.1/b.png"):
        server.routes.update({"/a.png": redirect(location), "/b.png": reply(PNG)})
        with pytest.raises(DownloadError, match="allow_private=True"):
            download_image("http://public.example/a.png")
    assert set(internet.connected) == {("93.184.216.34", 80)}


# Addresses


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.1", "10.0.0.1", "169.254.169.254"]
)
def test_a_private_address_is_refused_before_anything_is_connected_to(host, monkeypatch):
    monkeypatch.setattr(socket, "socket", lambda *args: pytest.fail("connected"))
    with pytest.raises(DownloadError, match="choose a public host"):
        download_image(f"http://{host}/a.png")


def test_a_public_address_is_connected_to(internet: Internet, server):
    internet.names["public.example"] = ["93.184.216.34"]
    internet.servers["93.184.216.34", 80] = server.port
    server.routes["/a.png"] = reply(PNG)
    with download_image("http://public.example/a.png") as download:
        assert download.width == 160
    assert b"Host: public.example\r\n" in server.requests[0]


def test_a_public_address_is_asked_on_the_ports_of_the_web_only(internet: Internet, server):
    internet.names["public.example"] = ["93.184.216.34"]
    internet.servers.update({("93.184.216.34", port): server.port for port in (8080, 6379)})
    server.routes["/a.png"] = reply(PNG)
    with download_image("http://public.example:8080/a.png") as download:
        assert download.width == 160
    with pytest.raises(DownloadError, match="port 6379"):
        download_image("http://public.example:6379/a.png")


def test_a_name_that_is_private_at_the_second_look_is_connected_to_as_it_was_checked(
    internet: Internet, server, monkeypatch
):
    answers = iter([["93.184.216.34"], ["127.0.0.1"], ["127.0.0.1"]])

    def rebound(host: str, port: object, **options: object) -> list[tuple[object, ...]]:
        internet.names[host] = next(answers)
        return internet.getaddrinfo(host, port)

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    internet.servers["93.184.216.34", 80] = server.port
    server.routes["/a.png"] = reply(PNG)
    with download_image("http://rebound.example/a.png") as download:
        assert download.width == 160
    assert internet.connected == [("93.184.216.34", 80)]
    assert internet.looked_up == ["rebound.example"]


def test_a_name_is_looked_up_and_checked_again_for_each_redirect(internet: Internet, server, monkeypatch):
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])

    def rebound(host: str, port: object, **options: object) -> list[tuple[object, ...]]:
        internet.names[host] = next(answers)
        return internet.getaddrinfo(host, port)

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    internet.servers["93.184.216.34", 80] = server.port
    server.routes["/a.png"] = redirect("/b.png")
    with pytest.raises(DownloadError, match="choose a public host"):
        download_image("http://rebound.example/a.png")
    assert internet.connected == [("93.184.216.34", 80)]


def test_the_credentials_of_a_url_are_in_no_message():
    with pytest.raises(DownloadError) as caught:
        download_image("http://me:secret@example.com/a.png?key=secret")
    assert str(caught.value) == (
        "The image at http://example.com/a.png?… has a user name in its URL: none is ever sent, so take it out."
    )


# TLS


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a key and a certificate of its own signing for pictures.example."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    path = tmp_path_factory.mktemp("tls") / "pictures.pem"
    subject = ["-subj", "/CN=pictures.example", "-addext", "subjectAltName=DNS:pictures.example"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "2"]
    command = [openssl, "req", "-x509", *kind, *subject, "-keyout", str(path), "-out", str(path) + ".crt"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    path.write_bytes(path.read_bytes() + Path(str(path) + ".crt").read_bytes())
    return path


@pytest.fixture
def secure_server(certificate: Path, internet: Internet):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.set_alpn_protocols(["h2", "http/1.1"])
    internet.names["pictures.example"] = ["93.184.216.34"]
    internet.names["other.example"] = ["93.184.216.34"]
    with ImageServer({"/a.png": reply(PNG)}, tls=context) as server:
        internet.servers["93.184.216.34", 443] = server.port
        yield server


def test_a_certificate_that_is_trusted_for_the_name_is_taken(secure_server, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    named = []
    secure_server.tls.sni_callback = lambda sock, name, context: named.append(name)
    with download_image("https://pictures.example/a.png") as download:
        assert download.width == 160
    assert named == ["pictures.example"]
    assert b"Host: pictures.example\r\n" in secure_server.requests[0]


def test_a_self_signed_certificate_is_refused(secure_server):
    with pytest.raises(DownloadError, match=r"certificate that cannot be trusted .self.signed certificate"):
        download_image("https://pictures.example/a.png")
    assert secure_server.requests == []


def test_a_certificate_for_another_name_is_refused(secure_server, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(DownloadError, match=r"certificate that cannot be trusted .Hostname mismatch"):
        download_image("https://other.example/a.png")
    assert secure_server.requests == []


def test_no_redirect_leads_from_https_to_http(secure_server, certificate, internet, server, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    internet.servers["93.184.216.34", 80] = server.port
    secure_server.routes["/a.png"] = redirect("HTTP://pictures.example/b.png")
    server.routes["/b.png"] = reply(PNG)
    with pytest.raises(DownloadError, match=r"redirected from https to HTTP://pictures.example/b.png"):
        download_image("https://pictures.example/a.png")
    assert server.requests == []


def test_a_redirect_may_lead_from_http_to_https(secure_server, certificate, internet, server, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    internet.servers["93.184.216.34", 80] = server.port
    server.routes["/b.png"] = redirect("https://pictures.example/a.png")
    with download_image("http://pictures.example/b.png") as download:
        assert download.width == 160


def test_a_body_that_drips_through_tls_is_left_at_the_deadline(secure_server, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    secure_server.routes["/a.png"] = drip_body
    began = time.monotonic()
    with pytest.raises(DownloadError, match="did not arrive within"):
        download_image("https://pictures.example/a.png", timeout=1)
    assert time.monotonic() - began < 10


def test_a_server_without_tls_behind_an_https_address_is_refused(internet: Internet, server):
    internet.names["plain.example"] = ["93.184.216.34"]
    internet.servers["93.184.216.34", 443] = server.port
    with pytest.raises(DownloadError, match=r"could not be fetched|cut off|did not arrive"):
        download_image("https://plain.example/a.png", timeout=1)


# The temporary file


@pytest.fixture
def spools(monkeypatch, settings, tmp_path):
    """Return the temporary files that downloads open, in Django's folder for them."""
    opened = []
    real = tempfile.SpooledTemporaryFile

    def recording(**options):
        assert options["dir"] == tmp_path
        opened.append(real(**options))
        return opened[-1]

    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", recording)
    monkeypatch.setattr(downloading, "SPOOLED_BYTES", 1_000)
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    return opened


def test_a_file_is_there_until_the_download_is_closed(server, spools, tmp_path):
    server.routes["/a.png"] = reply(LARGE)
    with download_image(server.url(), allow_private=True) as download:
        assert download.file.tell() == 0
        assert download.file.size == len(LARGE)
        assert not spools[0].closed
    assert spools[0].closed
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_gone_when_the_callers_block_fails(server, spools):
    server.routes["/a.png"] = reply(LARGE)
    with pytest.raises(RuntimeError), download_image(server.url(), allow_private=True):
        raise RuntimeError
    assert spools[0].closed


@pytest.mark.parametrize(
    "answer", [reply(LARGE[:-10], Content_Length=str(len(LARGE))), reply(b"x" + LARGE)], ids=["cut off", "no image"]
)
def test_a_file_is_gone_when_the_download_fails(server, spools, tmp_path, answer):
    assert_refused(server, answer, "cut off|no image")
    assert spools[0].closed
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_gone_when_the_download_is_interrupted(server, spools, monkeypatch):
    def interrupt(*args, **options):
        raise KeyboardInterrupt

    server.routes["/a.png"] = reply(LARGE)
    monkeypatch.setattr(downloading, "facts_of", interrupt)
    with pytest.raises(KeyboardInterrupt):
        taken(server)
    assert spools[0].closed


def test_a_download_may_be_closed_twice_and_by_a_storage(server, spools):
    server.routes["/a.png"] = reply(PNG)
    with download_image(server.url(), allow_private=True) as download:
        download.file.close()
        download.close()
    assert spools[0].closed


def test_a_full_disk_is_said_to_be_one(server, monkeypatch):
    class Full(tempfile.SpooledTemporaryFile):
        def write(self, data):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", Full)
    assert_refused(server, reply(PNG), "cannot be kept in a temporary file .No space left on device")


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are counted in /proc")
def test_no_socket_stays_open(server):
    server.routes.update({"/a.png": reply(PNG), "/b.png": redirect("/c.png"), "/d.png": drip_body})

    def ours() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    taken(server)
    before = ours()
    for path in ("/a.png", "/b.png", "/c.png", "/d.png"):
        try:
            taken(server, path, timeout=0.3)
        except DownloadError:
            continue
    server.stopping.set()
    for thread in server.threads[1:]:
        thread.join()
    assert ours() <= before
