"""What a URL may ask for: its parts, read once and strictly, and the form in which an error may show it."""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import SplitResult, urljoin, urlsplit

from django.utils.encoding import iri_to_uri

from charts.downloads.refusals import RefusalError, printable

DEFAULT_PORTS = {"http": 80, "https": 443}

# A host that is public by its address may still trust this server's address with what listens on other ports
# (databases, mail, control planes), and answers on any port would make a port scanner of this server.
PUBLIC_PORTS = frozenset({80, 443, 8080, 8443})

# Signed links of object stores run to about 2,000 characters.
MAX_URL_LENGTH = 8_192

# Characters that name one host in IDNA 2003 (Python's codec) and another in IDNA 2008 (browsers): UTS 46,
# section 2.3, "deviation characters": ß, final sigma, zero width joiner and non-joiner.
DEVIATIONS = frozenset("ß\u03c2\u200c\u200d")

CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
HOST_NAME = re.compile(r"(?=.{1,253}\Z)([a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}")
# The last label decides whether a host is an IPv4 address (WHATWG: "ends in a number"): 0x7f.1, 2130706433
NUMERIC_END = re.compile(r"(.*\.)?(0x[0-9a-f]*|[0-9]+)")
# Userinfo, host and path of anything that looks like a URL, however broken.
LOOKS_LIKE = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*):[/\\]*([^/\\?#]*@)?(?P<host>[^/\\?#@]*)(?P<path>[^?#]*)(?P<query>\?)?",
    re.IGNORECASE,
)
CLEAN_HOST = re.compile(r"(\[[0-9a-f:.%]*\]|[^:\[\]]*)(:[0-9]*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Target:
    """The parts of a URL that a request needs; `host` is ASCII, an IPv6 address without its brackets."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Return the value of the `Host` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def parse_url(url: str, *, any_port: bool) -> Target:
    """Return what `url` asks for; `any_port` lifts the limit to the usual ports of the web.

    Raises `RefusalError` for anything but plain http and https: other schemes, credentials, zone ids, control
    characters (a CRLF would write headers of its own), numeric hosts in any but the usual spelling.
    """
    parts = _split(url)
    if "@" in parts.netloc:
        raise RefusalError("has a user name in its URL: none is ever sent, so take it out")
    host = _host(parts.hostname or "")
    path = iri_to_uri(parts.path or "/") + (f"?{iri_to_uri(parts.query)}" if parts.query else "")
    return Target(parts.scheme, host, _port(parts, any_port=any_port), path)


def _split(url: str) -> SplitResult:
    if len(url) > MAX_URL_LENGTH:
        raise RefusalError(f"has a URL of {len(url):,} characters: {MAX_URL_LENGTH:,} are the most")
    url = url.strip()
    # Before urlsplit, which silently drops line breaks and tabs.
    if CONTROLS.search(url):
        raise RefusalError("has a control character in its URL: percent-encode it or take it out")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise RefusalError(f"has a broken URL ({printable(str(error), 100)}): check it") from error
    if parts.scheme not in DEFAULT_PORTS:
        raise RefusalError("has a URL of another scheme than http or https: give one of these")
    return parts


def _host(host: str) -> str:
    if not host:
        raise RefusalError("has a URL without a host: write it as https://host/path")
    if ":" in host:
        return _ipv6_host(host)
    host = _ascii(host).removesuffix(".")
    if NUMERIC_END.fullmatch(host):
        return _ipv4_host(host)
    if not HOST_NAME.fullmatch(host):
        raise RefusalError("has a host in its URL that is no host name: check it")
    return host


def _ascii(host: str) -> str:
    if host.isascii():
        return host.lower()
    if DEVIATIONS & set(host):
        raise RefusalError(
            "has a host that old and new rules for international names read differently: write it as xn--…"
        )
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise RefusalError("has a host that is no international name Python can encode: write it as xn--…") from error


def _ipv6_host(host: str) -> str:
    if "%" in host:
        raise RefusalError("has an address with a zone id in its URL: those are local to one machine")
    try:
        return str(IPv6Address(host))
    except AddressValueError as error:
        raise RefusalError("has a broken IPv6 address in its URL: check it") from error


def _ipv4_host(host: str) -> str:
    try:
        return str(IPv4Address(host))
    except AddressValueError as error:
        raise RefusalError("has a number for a host: write an IPv4 address as four decimal numbers") from error


def _port(parts: SplitResult, *, any_port: bool) -> int:
    try:
        port = parts.port
    except ValueError as error:
        raise RefusalError("has a port in its URL that is no number from 1 to 65535: check it") from error
    if port is None:
        return DEFAULT_PORTS[parts.scheme]
    if port == 0 or (port not in PUBLIC_PORTS and not any_port):
        choices = ", ".join(str(choice) for choice in sorted(PUBLIC_PORTS))
        raise RefusalError(f"has port {port} in its URL: choices are {choices}, and others with allow_private=True")
    return port


def follow(url: str, location: bytes) -> str:
    """Return the URL that a `Location` header at `url` leads to.

    Browsers read the header as UTF-8; what is not is taken as Latin-1. Raises `RefusalError` if there is no
    URL to be made of it.
    """
    try:
        text = location.decode()
    except UnicodeDecodeError:
        text = location.decode("latin-1")
    if CONTROLS.search(text.strip()):  # here too, for urljoin drops them as silently as urlsplit does
        raise RefusalError("redirects to a URL with a control character in it")
    try:
        return urljoin(url.strip(), text.strip())
    except ValueError as error:
        raise RefusalError(f"redirects to a broken URL ({printable(str(error), 100)})") from error


def shown(url: str) -> str:
    """Return `url` for a message: no credentials, no query (signed links carry their key there), bounded."""
    text = printable(url.strip(), 2_000)
    found = LOOKS_LIKE.match(text)
    if found is None:
        return f"“{printable(re.sub(r'[?#@].*', '…', text), 60)}”"
    if not CLEAN_HOST.fullmatch(found["host"]):
        return f"{found['scheme']}://…"  # perhaps a password with a slash in it, cut where it should not be
    return printable(f"{found['scheme']}://{found['host']}{found['path']}", 200) + ("?…" if found["query"] else "")
