"""Which addresses a download may connect to: looked up once, all checked, and those very ones connected to.

The networks are the IANA special-purpose registries for IPv4 and IPv6 (RFC 6890 and its successors), written
out, because what `ipaddress` calls global has changed between patch releases of the supported Pythons.
"""

import socket
from concurrent.futures import Future
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from threading import Thread

from charts.downloads.deadlines import Deadline
from charts.downloads.refusals import RefusalError

Address = IPv4Address | IPv6Address

# Connected to only with allow_private=True: this machine, and networks of one's own.
PRIVATE = (
    IPv4Network("10.0.0.0/8"),
    IPv4Network("100.64.0.0/10"),  # carrier-grade NAT
    IPv4Network("127.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv6Network("::1/128"),
    IPv6Network("fc00::/7"),  # unique local addresses
)

# Never connected to: no picture is served from these, and some give away a machine's credentials.
NEVER = (
    IPv4Network("0.0.0.0/8"),  # "this host": Linux connects to itself
    IPv4Network("169.254.0.0/16"),  # link-local; 169.254.169.254 is the metadata service of most clouds
    IPv4Network("192.0.0.0/24"),  # protocol assignments; 192.0.0.192 is Oracle's metadata service
    IPv4Network("192.0.2.0/24"),  # documentation
    IPv4Network("192.88.99.0/24"),  # 6to4 relays
    IPv4Network("198.18.0.0/15"),  # benchmarks
    IPv4Network("198.51.100.0/24"),  # documentation
    IPv4Network("203.0.113.0/24"),  # documentation
    IPv4Network("224.0.0.0/4"),  # multicast
    IPv4Network("240.0.0.0/4"),  # reserved, and broadcast
    IPv4Network("100.100.100.200/32"),  # Alibaba's metadata service
    IPv4Network("168.63.129.16/32"),  # Azure's host, at a public address that only its guests reach
    IPv6Network("2001::/23"),  # protocol assignments, Teredo among them
    IPv6Network("2001:db8::/32"),  # documentation
    IPv6Network("2002::/16"),  # 6to4: carries any IPv4 address
    IPv6Network("3fff::/20"),  # documentation
    IPv6Network("fd00:ec2::254/128"),  # Amazon's metadata service
    IPv6Network("fd20:ce::254/128"),  # Google's metadata service
)

# Of IPv6 only this part is handed out as public; what is outside is private, local, multicast or reserved.
GLOBAL_IPV6 = IPv6Network("2000::/3")

# Addresses whose last 32 bits are the IPv4 address that a connection ends at: mapped ones, and NAT64
# (RFC 6052), by which machines with IPv6 alone reach all of IPv4.
CARRIERS = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))

# More than any sensible host has; each is checked, so many, tried in turn.
MAX_TRIED = 8


def resolve(host: str, deadline: Deadline, *, allow_private: bool) -> list[Address]:
    """Return the addresses of `host` to connect to, in the resolver's order, every one of them checked.

    One address that is not allowed refuses the host: a name with both kinds is how a rebinding attack looks.
    Raises `RefusalError`, and `TimeoutError` when the resolver takes longer than the deadline.
    """
    try:
        found = [ip_address(host)]
    except ValueError:
        found = _look_up(host, deadline)
    if not all(is_allowed(address, allow_private=allow_private) for address in found):
        # Which address it is stays unsaid: the message may be shown to somebody who is mapping this network.
        raise RefusalError(
            "leads to an address that is reserved or that no public site can have: choose a public host"
            + ("" if allow_private else ", or pass allow_private=True if a private network is meant")
        )
    return found[:MAX_TRIED]


def is_allowed(address: Address, *, allow_private: bool) -> bool:
    """Say whether a download may connect to `address`."""
    address = _end(address)
    if _within(address, NEVER):
        return False
    if _within(address, PRIVATE):
        return allow_private
    return isinstance(address, IPv4Address) or address in GLOBAL_IPV6


def _end(address: Address) -> Address:
    if isinstance(address, IPv6Address) and _within(address, CARRIERS):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _within(address: Address, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    return any(address in network for network in networks)


def _look_up(host: str, deadline: Deadline) -> list[Address]:
    # getaddrinfo cannot be interrupted, so a thread waits for it and this one leaves at the deadline. That
    # thread ends by the resolver's own timeout (glibc: 5 s × 2 tries × servers); a daemon, it delays no exit.
    answer: Future[list[Address]] = Future()
    Thread(target=_ask_resolver, args=(host, answer), name="charts-getaddrinfo", daemon=True).start()
    try:
        return answer.result(deadline.remaining())
    except (socket.gaierror, UnicodeError) as error:
        raise RefusalError("has a host that cannot be found: check its name") from error


def _ask_resolver(host: str, answer: "Future[list[Address]]") -> None:
    try:
        rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        answer.set_result(list(dict.fromkeys(ip_address(row[4][0]) for row in rows)))
    except Exception as error:  # noqa: BLE001  (whatever it is, it belongs to the thread that waits)
        answer.set_exception(error)
