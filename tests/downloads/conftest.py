"""A server on this machine, and an internet that consists of it."""

import socket
from collections.abc import Iterator

import pytest

from tests.image_server import ImageServer


@pytest.fixture
def server() -> Iterator[ImageServer]:
    with ImageServer() as server:
        yield server


class Internet:
    """Names, addresses, and which server on this machine is behind an address and port."""

    def __init__(self) -> None:
        self.names: dict[str, list[str]] = {}
        self.servers: dict[tuple[str, int], int] = {}
        self.looked_up: list[str] = []
        self.connected: list[tuple[str, int]] = []

    def getaddrinfo(self, host: str, port: object, **options: object) -> list[tuple[object, ...]]:
        self.looked_up.append(host)
        if host not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in self.names[host]]


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> Internet:
    internet = Internet()

    class Routed(socket.socket):
        def connect(self, address: tuple[str, int]) -> None:
            internet.connected.append(address)
            if address not in internet.servers:
                raise ConnectionRefusedError(111, "Connection refused")
            super().connect(("127.0.0.1", internet.servers[address]))

    monkeypatch.setattr(socket, "getaddrinfo", internet.getaddrinfo)
    monkeypatch.setattr(socket, "socket", Routed)
    return internet
