"""One GET over one socket under one deadline, with nothing of the environment in it.

`http.client` parses the answer; the socket below it is ours, so that the address is the checked one, every
read asks the deadline, and every byte is counted. No proxy, cookie, `.netrc` or global timeout takes part.
"""

import io
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPException, HTTPResponse, IncompleteRead
from ipaddress import IPv6Address
from typing import TYPE_CHECKING, cast

from charts.downloads.addresses import Address, resolve
from charts.downloads.deadlines import Deadline
from charts.downloads.refusals import CUT_OFF, RefusalError, printable
from charts.downloads.urls import Target

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# A status line and headers, security policies among them, come to a few KB; http.client alone allows 6.5 MB.
MAX_HEADER_BYTES = 65_536

REQUEST = (
    "GET {path} HTTP/1.1\r\n"
    "Host: {authority}\r\n"
    "User-Agent: django-chart-models\r\n"
    "Accept: image/avif,image/webp,image/png,image/jpeg,image/gif\r\n"
    "Accept-Encoding: identity\r\n"
    "Connection: close\r\n"
    "\r\n"
)


class Wire(io.RawIOBase):
    """A socket's incoming side that keeps to a deadline and to an allowance of bytes.

    Closing it leaves the socket open: that belongs to whoever connected it.
    """

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        super().__init__()
        self.sock = sock
        self.deadline = deadline
        self.allowance = MAX_HEADER_BYTES

    def readable(self) -> bool:
        """Say that this can be read."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Receive what is there, waiting no longer than the deadline allows."""
        self.sock.settimeout(self.deadline.remaining())
        count = self.sock.recv_into(buffer)
        self.allowance -= count
        if self.allowance < 0:
            raise RefusalError("is sent with more headers or framing than any image needs: use another address")
        return count

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return the reader that `http.client` asks its socket for."""
        return io.BufferedReader(self)


@contextmanager
def answer_to(target: Target, deadline: Deadline, *, allow_private: bool, max_bytes: int) -> Iterator[HTTPResponse]:
    """Ask for `target` and give the answer, its headers read; everything is closed behind it.

    Raises `RefusalError` for all that goes wrong, also while the body is read; the deadline is one of these.
    """
    with _network_faults(deadline), ExitStack() as stack:
        addresses = resolve(target.host, deadline, allow_private=allow_private)
        sock = stack.enter_context(_connect(addresses, target.port, deadline))
        if target.scheme == "https":
            sock = stack.enter_context(_secure(sock, target.host, deadline))
        sock.settimeout(deadline.remaining())
        sock.sendall(REQUEST.format(path=target.path, authority=target.authority).encode("ascii"))
        wire = Wire(sock, deadline)
        # All that HTTPResponse does with a socket is to call its makefile().
        response = stack.enter_context(closing(HTTPResponse(cast("socket.socket", wire), method="GET")))
        response.begin()
        # Chunks of a few bytes have more framing than content, and extensions of chunks have no limit at all.
        wire.allowance = 2 * max_bytes + MAX_HEADER_BYTES
        yield response


def _connect(addresses: list[Address], port: int, deadline: Deadline) -> socket.socket:
    *others, last = addresses
    for position, address in enumerate(others):
        try:
            # A share of the time each, or one dead address (IPv6 without a route) would use up all of it.
            return _connect_to(address, port, deadline.remaining() / (len(addresses) - position))
        except OSError:
            continue
    return _connect_to(last, port, deadline.remaining())


def _connect_to(address: Address, port: int, timeout: float) -> socket.socket:
    family = socket.AF_INET6 if isinstance(address, IPv6Address) else socket.AF_INET
    with ExitStack() as stack:
        sock = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
        sock.settimeout(timeout)
        sock.connect((str(address), port))  # an address, not a name: nothing is looked up a second time
        stack.pop_all()
    return sock


def _secure(sock: socket.socket, host: str, deadline: Deadline) -> ssl.SSLSocket:
    # A context each time: one kept for ever would miss renewed certificate stores.
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    sock.settimeout(deadline.remaining())  # OpenSSL's handshake counts it as a whole, over all its reads
    return context.wrap_socket(sock, server_hostname=host)


@contextmanager
def _network_faults(deadline: Deadline) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise RefusalError(
            f"did not arrive within {deadline.timeout:g} seconds: try again later, or raise timeout"
        ) from error
    except ssl.SSLCertVerificationError as error:
        raise RefusalError(
            f"is served with a certificate that cannot be trusted ({printable(error.verify_message, 100)}): "
            "its site must mend that"
        ) from error
    except IncompleteRead as error:
        raise RefusalError(CUT_OFF) from error
    except (OSError, HTTPException, ValueError) as error:
        reason = printable(getattr(error, "strerror", None) or str(error) or type(error).__name__, 100)
        raise RefusalError(f"could not be fetched ({reason}): check that the address answers") from error
