"""A mailbox on loopback that speaks enough IMAP (RFC 3501) for a poll, over a real socket."""

import re
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

COMMAND = re.compile(rb"^(?P<tag>\S+) (?:UID )?(?P<name>[A-Z]+) ?(?P<rest>.*?)\r\n$", re.DOTALL)
PARTIAL = re.compile(rb"^(?P<number>\d+) \(BODY\.PEEK\[\]<0\.(?P<most>\d+)>\)$")
STORE = re.compile(rb"^(?P<number>\d+) \+FLAGS\.SILENT \(\\(?P<flag>\w+)\)$")


@dataclass
class Letter:
    """A mail in the mailbox, and what is marked on it."""

    content: bytes
    flags: set[str] = field(default_factory=set)


class ImapStandIn:
    """`letters` by UID. `before_store` is called before a mark is set, and may refuse to live."""

    def __init__(self, *contents: bytes) -> None:
        self.letters = {number: Letter(content) for number, content in enumerate(contents, 11)}
        self.password = "p/w"
        self.said: list[str] = []
        self.before_store: Callable[[], None] = lambda: None

    @property
    def flags(self) -> list[set[str]]:
        return [letter.flags for letter in self.letters.values()]

    @contextmanager
    def serving(self) -> Iterator[SplitResult]:
        """The address to poll."""
        stand_in = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(b"* OK ready\r\n")
                for line in self.rfile:
                    if not stand_in.answer(line, self.wfile.write):
                        return

        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, daemon=True).start()
            port = server.server_address[1]
            try:
                yield urlsplit(f"imap://shop%40example.com:p%2Fw@127.0.0.1:{port}/INBOX")
            finally:
                server.shutdown()

    def answer(self, line: bytes, write: Callable[[bytes], object]) -> bool:
        """One command; False ends the connection."""
        command = COMMAND.match(line)
        assert command, line
        tag, name, rest = command["tag"], command["name"].decode(), command["rest"]
        self.said.append(name)
        lines, outcome = getattr(self, name.lower())(rest)
        for each in lines:
            write(each + b"\r\n")
        write(tag + b" " + outcome + b"\r\n")
        return name != "LOGOUT"

    def capability(self, rest: bytes) -> tuple[list[bytes], bytes]:
        return [b"* CAPABILITY IMAP4rev1"], b"OK done"

    def login(self, rest: bytes) -> tuple[list[bytes], bytes]:
        is_right = rest == f'shop@example.com "{self.password}"'.encode()
        return [], b"OK done" if is_right else b"NO wrong password of shop@example.com"

    def select(self, rest: bytes) -> tuple[list[bytes], bytes]:
        count = f"* {len(self.letters)} EXISTS".encode()
        return [count], b"OK done" if rest == b'"INBOX"' else b"NO such folder"

    def search(self, rest: bytes) -> tuple[list[bytes], bytes]:
        assert rest == b"UNSEEN UNFLAGGED", rest
        found = [str(number) for number, letter in self.letters.items() if not letter.flags]
        return [f"* SEARCH {' '.join(found)}".encode()], b"OK done"

    def fetch(self, rest: bytes) -> tuple[list[bytes], bytes]:
        asked = PARTIAL.match(rest)
        assert asked, rest
        number = int(asked["number"])
        content = self.letters[number].content[: int(asked["most"])]
        head = f"* 1 FETCH (UID {number} BODY[]<0> {{{len(content)}}}".encode()
        return [head + b"\r\n" + content + b")"], b"OK done"

    def store(self, rest: bytes) -> tuple[list[bytes], bytes]:
        asked = STORE.match(rest)
        assert asked, rest
        self.before_store()
        self.letters[int(asked["number"])].flags.add(asked["flag"].decode())
        return [], b"OK done"

    def logout(self, rest: bytes) -> tuple[list[bytes], bytes]:
        return [b"* BYE"], b"OK done"
