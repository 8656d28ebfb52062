"""Reading a page as a browser would: parsed, not searched as text."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

VOID = {"img", "input", "meta", "link", "br", "hr", "path", "circle", "use"}


class Element:
    """A tag with its attributes, the text inside it, and its children."""

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag, self.attributes = tag, attributes
        self.children: list[Element] = []
        self.pieces: list[str] = []

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    @property
    def text(self) -> str:
        return " ".join("".join(self.pieces).split())

    def walk(self) -> Iterator["Element"]:
        yield self
        for child in self.children:
            yield from child.walk()

    def all(self, tag: str = "", **attributes: str | None) -> list["Element"]:
        """Every element below with these attributes; `data_client=None` means any value."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            element
            for element in self.walk()
            if (not tag or element.tag == tag)
            and all(
                name in element.attributes and value in (None, element.attributes[name])
                for name, value in wanted.items()
            )
        ]

    def one(self, tag: str = "", **attributes: str | None) -> "Element":
        [element] = self.all(tag, **attributes)
        return element


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        element = Element(tag, {name: value or "" for name, value in attributes})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attributes: Any) -> None:
        self.open[-1].children.append(
            Element(tag, {name: value or "" for name, value in attributes})
        )

    def handle_endtag(self, tag: str) -> None:
        if tag in {element.tag for element in self.open[1:]}:
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.pieces.append(data)


def read(response: Any) -> Element:
    """The parsed body of a response."""
    reader = _Reader()
    reader.feed(response.content.decode())
    return reader.root


def form_values(form: Element) -> dict[str, str]:
    """What a browser would post: hidden and checked fields, and the words of the text area."""
    values = {
        field["name"]: field.attributes.get("value", "")
        for field in form.all("input")
        if "name" in field.attributes
        and (field.attributes.get("type") != "radio" or "checked" in field.attributes)
    }
    for area in form.all("textarea"):
        values[area["name"]] = "".join(area.pieces).removeprefix("\n")
    return values
