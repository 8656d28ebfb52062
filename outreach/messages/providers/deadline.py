"""A call to a carrier ends as a whole, also when its answer comes drop by drop.

The timeout of a socket counts from one byte to the next, so an answer that trickles could hold a
worker for ever. Here the whole call has an end, at which its connection is cut. What a cut means is
for the carrier to say: before anything was handed over nothing was carried, after it nobody knows.
"""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Any, Self

import requests
from requests.adapters import HTTPAdapter

# For each address a name stands for: only what is listened to at all takes long to answer.
CONNECT_SECONDS = 3.0


class Deadline:
    """Cuts the connections it was shown, once so many seconds have passed inside the block."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._has_passed = False

    def __enter__(self) -> Self:
        self._timer = threading.Timer(self._seconds, self._pass)
        self._timer.daemon = True
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        with self._lock:
            for each in self._sockets:
                each.close()
            self._sockets.clear()

    def watch(self, connected: socket.socket) -> None:
        """Cut this connection too when the time is up, also after TLS has taken it over.

        A second handle on it is kept, and only for cutting: shutting it down ends whatever
        somebody else is waiting for, and needs no word with the object they wait on.
        """
        handle = socket.socket.dup(connected)
        with self._lock:
            self._sockets.append(handle)
            if self._has_passed:
                _cut(handle)

    def _pass(self) -> None:
        with self._lock:
            self._has_passed = True
            for each in self._sockets:
                _cut(each)


class DeadlineAdapter(HTTPAdapter):
    """Mounted on a session of `requests`, it ends every one of its requests as a whole.

    Each has a connection of its own, and its body is read before it is handed back.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._deadline = Deadline(seconds)
        super().__init__(max_retries=0)

    def send(
        self, request: requests.PreparedRequest, *arguments: Any, **options: Any
    ) -> requests.Response:
        request.headers["Connection"] = "close"
        options["timeout"] = (min(CONNECT_SECONDS, self._seconds), self._seconds)
        with Deadline(self._seconds) as self._deadline:
            response = super().send(request, *arguments, **options)
            _ = response.content
            return response

    def get_connection_with_tls_context(self, *arguments: Any, **options: Any) -> Any:
        pool = super().get_connection_with_tls_context(*arguments, **options)
        pool.ConnectionCls = self._watched(type(pool).ConnectionCls)
        return pool

    def _watched(self, connection_class: Any) -> Any:
        """The pool's kind of connection, which shows its socket to the deadline."""
        adapter = self

        class Watched(connection_class):
            def _new_conn(self) -> socket.socket:
                connected: socket.socket = super()._new_conn()
                adapter._deadline.watch(connected)
                return connected

        return Watched


def _cut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it was over by itself
        connection.shutdown(socket.SHUT_RDWR)
