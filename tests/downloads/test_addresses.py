"""Only public addresses are connected to, whatever they are called."""

import socket
import threading
import time
from ipaddress import ip_address

import pytest

from charts.downloads.addresses import MAX_TRIED, is_allowed, resolve
from charts.downloads.deadlines import Deadline
from charts.downloads.refusals import RefusalError
from tests.downloads.conftest import Internet

PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
PRIVATE = [
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "::1",
    "fc00::1",
    "fd12:3456::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
]
NEVER = [
    "0.0.0.0",  # noqa: S104  (nothing is bound to it)
    "0.1.2.3",
    "100.100.100.200",
    "168.63.129.16",
    "169.254.169.254",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::127.0.0.1",
    "::ffff:0.0.0.0",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1",
    "100::1",
    "2001::7f00:1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::",
    "3fff::1",
    "5f00::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address):
    assert is_allowed(ip_address(address), allow_private=False)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_allowed_only_when_asked_for(address):
    assert not is_allowed(ip_address(address), allow_private=False)
    assert is_allowed(ip_address(address), allow_private=True)


@pytest.mark.parametrize("address", NEVER)
def test_addresses_that_no_picture_comes_from_are_never_allowed(address):
    assert not is_allowed(ip_address(address), allow_private=True)


def test_a_name_is_looked_up_once_and_its_addresses_come_in_the_resolvers_order(internet: Internet):
    internet.names["example.com"] = ["93.184.216.35", "93.184.216.34", "93.184.216.35"]
    found = resolve("example.com", Deadline.after(10), allow_private=False)
    assert [str(address) for address in found] == ["93.184.216.35", "93.184.216.34"]
    assert internet.looked_up == ["example.com"]


def test_an_address_is_not_looked_up(internet: Internet):
    assert resolve("93.184.216.34", Deadline.after(10), allow_private=False) == [ip_address("93.184.216.34")]
    assert internet.looked_up == []


def test_one_private_address_among_public_ones_refuses_a_name(internet: Internet):
    internet.names["mixed.example"] = [f"93.184.216.{number}" for number in range(20)] + ["10.0.0.1"]
    with pytest.raises(RefusalError, match="allow_private=True"):
        resolve("mixed.example", Deadline.after(10), allow_private=False)


def test_no_more_than_a_few_addresses_are_tried(internet: Internet):
    internet.names["many.example"] = [f"93.184.216.{number}" for number in range(50)]
    assert len(resolve("many.example", Deadline.after(10), allow_private=False)) == MAX_TRIED


def test_a_refusal_does_not_tell_which_address_a_name_has(internet: Internet):
    internet.names["intranet.example"] = ["10.1.2.3"]
    with pytest.raises(RefusalError) as caught:
        resolve("intranet.example", Deadline.after(10), allow_private=False)
    assert "10.1.2.3" not in str(caught.value)


def test_a_name_that_does_not_exist_is_refused(internet: Internet):
    with pytest.raises(RefusalError, match="cannot be found"):
        resolve("nowhere.example", Deadline.after(10), allow_private=False)


def test_a_resolver_that_hangs_is_left_at_the_deadline(monkeypatch: pytest.MonkeyPatch):
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: released.wait(60))
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        resolve("slow.example", Deadline.after(0.2), allow_private=False)
    # The thread that still waits holds up no end of the process.
    waiting = [thread.daemon for thread in threading.enumerate() if thread.name == "charts-getaddrinfo"]
    released.set()
    assert time.monotonic() - began < 5
    assert waiting
    assert all(waiting)
