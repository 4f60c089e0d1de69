"""URLs are read strictly, and shown without what nobody should see."""

import pytest

from charts.downloads.refusals import RefusalError
from charts.downloads.urls import Target, follow, parse_url, shown


def parsed(url: str) -> Target:
    return parse_url(url, any_port=False)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://example.com", Target("http", "example.com", 80, "/")),
        ("HTTPS://EXAMPLE.com/A.png", Target("https", "example.com", 443, "/A.png")),
        ("https://example.com:8443/a?b=c&d=é#part", Target("https", "example.com", 8443, "/a?b=c&d=%C3%A9")),
        ("https://example.com/mein bild.png", Target("https", "example.com", 443, "/mein%20bild.png")),
        ("https://example.com/a%20b%2fc", Target("https", "example.com", 443, "/a%20b%2fc")),
        ("  https://example.com/a.png\n", Target("https", "example.com", 443, "/a.png")),
        ("https://example.com./a", Target("https", "example.com", 443, "/a")),
        ("https://bücher.example/ü", Target("https", "xn--bcher-kva.example", 443, "/%C3%BC")),
        ("https://日本語。jp/", Target("https", "xn--wgv71a119e.jp", 443, "/")),
        ("http://[2606:4700:0:0::1111]/", Target("http", "2606:4700::1111", 80, "/")),
        ("http://93.184.216.34/", Target("http", "93.184.216.34", 80, "/")),
        ("http://my_host.example/", Target("http", "my_host.example", 80, "/")),
    ],
)
def test_a_url_is_read_into_what_a_request_needs(url, target):
    assert parsed(url) == target


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("http://example.com:80/", "example.com"),
        ("https://example.com:80/", "example.com:80"),
        ("https://[2606:4700::1111]:8443/", "[2606:4700::1111]:8443"),
    ],
)
def test_the_host_header_names_ports_that_are_not_the_schemes_own(url, authority):
    assert parsed(url).authority == authority


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://example.com/a.png", "another scheme"),
        ("file:///etc/passwd", "another scheme"),
        ("gopher://127.0.0.1:6379/_FLUSHALL", "another scheme"),
        ("data:image/png;base64,AAAA", "another scheme"),
        ("//example.com/a.png", "another scheme"),
        ("example.com/a.png", "another scheme"),
        ("", "another scheme"),
        ("http:///a.png", "without a host"),
        ("http://:80/a.png", "without a host"),
        ("http:example.com", "without a host"),
        ("http://user:secret@example.com/", "user name"),
        ("http://@example.com/", "user name"),
        ("http://example.com\\@127.0.0.1/", "user name"),
        ("http://example.com\\.evil.com/", "no host name"),
        ("http://exa mple.com/", "no host name"),
        ("http://exa%6dple.com/", "no host name"),
        ("http://a..b/", "no host name"),
        (f"http://{'a' * 64}.com/", "no host name"),
        (f"http://{'a.' * 127}com/", "no host name"),
        ("http://example.com/a\r\nX-Injected: 1", "control character"),
        ("http://example.com\r\n.evil.com/", "control character"),
        ("http://example.com/\x00", "control character"),
        ("http://example.com/a\tb", "control character"),
        ("http://example.com/\udc80", "control character"),
        ("http://[::1", "broken URL"),
        ("http://[not:an:address]/", "broken"),
        ("http://[v1.future:address]/", "broken IPv6 address"),
        ("http://[fe80::1%25eth0]/", "zone id"),
        ("http://example.com:99999/", "port"),
        ("http://example.com:-1/", "port"),
        ("http://example.com:http/", "port"),
        ("http://example.com:0/", "port 0"),
        ("http://example.com:22/", "port 22"),
        ("http://example.com:6379/", "port 6379"),
        ("http://straße.example/", "xn--"),
        ("http://a\u0627b.example/", "xn--"),
        (f"http://example.com/{'a' * 9000}", "characters"),
    ],
)
def test_a_url_that_could_mean_more_than_a_web_address_is_refused(url, reason):
    with pytest.raises(RefusalError, match=reason):
        parsed(url)


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.01", "1.2.3.4.5", "a.0x", "0x"]
)
def test_a_host_in_an_unusual_spelling_of_numbers_is_refused(host):
    with pytest.raises(RefusalError, match="number for a host"):
        parsed(f"http://{host}/")


def test_fullwidth_digits_are_the_address_that_they_spell():
    assert parsed("http://１２７.０.０.１/").host == "127.0.0.1"


def test_any_port_but_zero_is_allowed_where_private_networks_are():
    assert parse_url("http://example.com:5000/", any_port=True).port == 5000
    with pytest.raises(RefusalError, match="port 0"):
        parse_url("http://example.com:0/", any_port=True)


@pytest.mark.parametrize(
    ("location", "following"),
    [
        (b"/b.png", "https://example.com/b.png"),
        (b"b.png?x=1", "https://example.com/a/b.png?x=1"),
        (b"//cdn.example/b.png", "https://cdn.example/b.png"),
        (b"file:///etc/passwd", "file:///etc/passwd"),
        ("/ü.png".encode(), "https://example.com/a/ü.png".replace("/a/", "/")),
        (b"/\xfc.png", "https://example.com/ü.png"),
    ],
)
def test_a_location_is_read_as_browsers_read_it(location, following):
    assert follow("https://example.com/a/a.png", location) == following


def test_a_location_that_makes_no_url_is_refused():
    with pytest.raises(RefusalError, match="broken URL"):
        follow("https://example.com/", b"https://[/")


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://example.com/a.png", "https://example.com/a.png"),
        ("https://example.com/a@2x.png", "https://example.com/a@2x.png"),
        ("https://user:secret@example.com/a", "https://example.com/a"),
        ("https://us@er:sec@ret@example.com/a", "https://example.com/a"),
        ("https:\\\\user:secret@example.com/a", "https://example.com/a"),
        ("http://user:sec/ret@example.com/a", "http://…"),
        ("user:secret@example.com/a", "user://example.com/a"),
        ("https://bucket.example/a?X-Signature=secret", "https://bucket.example/a?…"),
        ("https://example.com/a#secret", "https://example.com/a"),
        ("https://example.com/\x1b[31m\r\n\u202egnp", "https://example.com/[31mgnp"),
        ("/a.png?secret", "“/a.png…”"),
        ("", "“”"),
    ],
)
def test_a_message_shows_where_a_url_leads_and_no_secret(url, text):
    assert shown(url) == text


def test_a_message_shows_the_beginning_of_a_long_url():
    text = shown("https://example.com/" + "a" * 100_000)
    assert text.startswith("https://example.com/aaa")
    assert len(text) <= 200
