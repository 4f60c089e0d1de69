"""A web server for tests that can also be a bad one: it answers with any bytes, at any speed, or hangs up."""

import socket
import ssl
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Self

Talk = Callable[["Visit"], None]


@dataclass(frozen=True)
class Visit:
    """One connection, after its request was read; `stopping` is set when the test is over."""

    connection: socket.socket
    stopping: Event

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def drip(self, data: bytes, *, every: float = 0.05) -> None:
        """Send a byte at a time until there is none left or the test is over."""
        for byte in data:
            self.send(bytes([byte]))
            if self.stopping.wait(every):
                return

    def reset(self) -> None:
        """Hang up with a TCP reset instead of an end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def reply(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """Return an answer; `Content_Length` comes by itself unless it is given, and `""` leaves a header out."""
    headers = {"Content_Type": "image/png", "Content_Length": str(len(body)), **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items() if value]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode("latin-1") + body


def redirect(location: str, status: str = "302 Found") -> bytes:
    """Return an answer that leads elsewhere."""
    return reply(status=status, Location=location)


def chunked(*chunks: bytes) -> bytes:
    """Return an answer in chunks, as servers send what they do not know the length of."""
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))
    return reply(body, Content_Length="", Transfer_Encoding="chunked")


@dataclass
class ImageServer:
    """Answers on a port of this machine, each path by bytes or by a function; a context manager.

    With `greeting`, that is all it says, and no request is waited for.
    """

    routes: dict[str, bytes | Talk] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    greeting: Talk | None = None
    address: str = "127.0.0.1"
    requests: list[bytes] = field(default_factory=list)
    stopping: Event = field(default_factory=Event)

    def __enter__(self) -> Self:
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        self.listener = socket.create_server((self.address, 0), family=family)
        self.port: int = self.listener.getsockname()[1]
        self.threads = [Thread(target=self._listen)]
        self.threads[0].start()
        return self

    def __exit__(self, *args: object) -> None:
        self.stopping.set()
        # Wakes accept(), which closing the socket would not.
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join()
        self.listener.close()

    def url(self, path: str = "/a.png", host: str = "127.0.0.1") -> str:
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def _listen(self) -> None:
        with suppress(OSError):
            while not self.stopping.is_set():
                connection, _ = self.listener.accept()
                thread = Thread(target=self._serve, args=(connection,))
                self.threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        # Clients that leave early are what many tests are about.
        with connection, suppress(OSError):
            connection.settimeout(20)
            if self.tls is None:
                self._answer(connection)
                return
            with self.tls.wrap_socket(connection, server_side=True) as secured:
                self._answer(secured)

    def _answer(self, connection: socket.socket) -> None:
        if self.greeting is not None:
            self.greeting(Visit(connection, self.stopping))
            return
        request = b""
        while b"\r\n\r\n" not in request:
            request += (block := connection.recv(4096))
            if not block:
                return
        self.requests.append(request)
        path = request.split(b" ", 2)[1].decode()
        answer = self.routes.get(path, reply(b"nothing here", "404 Not Found"))
        if isinstance(answer, bytes):
            connection.sendall(answer)
        else:
            answer(Visit(connection, self.stopping))
