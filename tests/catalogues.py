"""The app's messages and their translations, read and written without gettext's own tools.

`python -m tests.catalogues` brings every catalogue up to date: new messages are added without a translation, those that
are no more go, and the compiled catalogues are written anew.
"""

import ast
import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCALE = ROOT / "charts" / "locale"
# How each language counts, as Django's own catalogues say it.
PLURALS = {
    "de": "nplurals=2; plural=(n != 1);",
    "fr": "nplurals=2; plural=(n > 1);",
    "ar": (
        "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : "
        "n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5;"
    ),
}
# What a call of each function says: the places of its context, its message and its plural.
CALLS = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
# Left to Django, which has them in more languages: a project's other pages say them too.
OF_DJANGO = frozenset({"Add %s", "Change %s", "Home", "Save"})
# Modules whose messages get their context where they are said, for they know no Django.
CONTEXTS = {"charts/drawing/describing/messages.py": "alt text"}
IN_TEMPLATES = re.compile(r"\b(\w*gettext|_)\(((?:u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")(?:,\s*)?)+)")


@dataclass(frozen=True, order=True)
class Message:
    """A text to translate.

    Attributes:
        context: tells it from the same text that means something else; "" for none.
        text: for one, if it counts.
        plural: for more; "" if it does not count.
    """

    context: str
    text: str
    plural: str = ""

    @property
    def key(self) -> str:
        """What a compiled catalogue finds it by."""
        return (f"{self.context}\x04" if self.context else "") + self.text


@dataclass
class Catalogue:
    """The translations of one language: of each message one, or as many as the language has plurals."""

    language: str
    entries: dict[Message, tuple[str, ...]] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where its two files are."""
        return LOCALE / self.language / "LC_MESSAGES"

    @property
    def header(self) -> str:
        """The entry that says how it is written."""
        lines = {
            "Project-Id-Version": "django-chart-models",
            "Language": self.language,
            "MIME-Version": "1.0",
            "Content-Type": "text/plain; charset=UTF-8",
            "Content-Transfer-Encoding": "8bit",
            "Plural-Forms": PLURALS[self.language],
        }
        return "".join(f"{name}: {value}\n" for name, value in lines.items())

    @property
    def plurals(self) -> int:
        """How many forms a message that counts has."""
        return int(re.search(r"nplurals=(\d)", PLURALS[self.language])[1])  # type: ignore[index]  # it is there

    def text(self, places: dict[Message, list[str]]) -> str:
        """Return it as a .po file.

        Args:
            places: where each message is said.
        """
        parts = [f'msgid ""\nmsgstr {_quoted(self.header)}\n']
        for message, translations in sorted(self.entries.items()):
            lines = [f"#: {place}" for place in places.get(message, [])]
            texts = (message.text, message.plural, *translations)
            lines += ["#, python-format"] if any("%(" in text for text in texts) else []
            lines += [f"msgctxt {_quoted(message.context)}"] if message.context else []
            lines.append(f"msgid {_quoted(message.text)}")
            if message.plural:
                lines.append(f"msgid_plural {_quoted(message.plural)}")
                lines += [f"msgstr[{number}] {_quoted(each)}" for number, each in enumerate(translations)]
            else:
                lines.append(f"msgstr {_quoted(translations[0])}")
            parts.append("\n".join(lines) + "\n")
        return "\n".join(parts)

    def compiled(self) -> bytes:
        """Return it as a .mo file: the texts sorted by what they are found by, their places before them."""
        pairs = {"": self.header}
        for message, translations in self.entries.items():
            if all(translations):
                key = message.key + (f"\0{message.plural}" if message.plural else "")
                pairs[key] = "\0".join(translations)
        sorted_pairs = sorted((key.encode(), value.encode()) for key, value in pairs.items())
        tables, texts, start = [], b"", 28 + 16 * len(sorted_pairs)
        for column in (0, 1):
            for pair in sorted_pairs:
                tables.append(struct.pack("<II", len(pair[column]), start + len(texts)))
                texts += pair[column] + b"\0"
        count = len(sorted_pairs)
        head = struct.pack("<IIIIIII", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, 0)
        return head + b"".join(tables) + texts


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def read(language: str) -> Catalogue:
    """Return a language's catalogue as its .po file has it."""
    catalogue = Catalogue(language)
    path = catalogue.folder / "django.po"
    for block in path.read_text(encoding="utf-8").split("\n\n") if path.exists() else ():
        found: dict[str, str] = {}
        for line in block.splitlines():
            match = re.fullmatch(r"(msg\w+(?:\[\d\])?) (\".*\")", line)
            if match:
                found[match[1]] = ast.literal_eval(match[2])
        message = Message(found.get("msgctxt", ""), found["msgid"], found.get("msgid_plural", ""))
        if message.text:
            catalogue.entries[message] = tuple(text for name, text in found.items() if name.startswith("msgstr"))
    return catalogue


def write(catalogue: Catalogue, places: dict[Message, list[str]]) -> None:
    """Write both files of a catalogue."""
    catalogue.folder.mkdir(parents=True, exist_ok=True)
    (catalogue.folder / "django.po").write_text(catalogue.text(places), encoding="utf-8")
    (catalogue.folder / "django.mo").write_bytes(catalogue.compiled())


def messages() -> dict[Message, list[str]]:
    """Return every message that the app says, with the files that say it."""
    found: dict[Message, list[str]] = {}
    for path in sorted((ROOT / "charts").rglob("*")):
        name = str(path.relative_to(ROOT))
        said: Iterable[Message] = ()
        if path.suffix == ".py" and "migrations" not in path.parts:
            said = _in_code(path.read_text(encoding="utf-8"), CONTEXTS.get(name, ""))
        elif path.suffix in {".html", ".txt"}:
            said = _in_template(path.read_text(encoding="utf-8"))
        for message in said:
            if name not in found.setdefault(message, []):
                found[message].append(name)
    return found


def _in_code(text: str, context: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            arguments = [each.value if isinstance(each, ast.Constant) else None for each in node.args]
            yield from _said(name, arguments, context)


def _in_template(text: str) -> Iterator[Message]:
    from django.utils.translation.template import templatize

    for name, arguments in IN_TEMPLATES.findall(templatize(text)):
        yield from _said(name, list(ast.literal_eval(f"({arguments.rstrip(', ')},)")), "")


def _said(name: str, arguments: list[object], default: str) -> Iterator[Message]:
    if name not in CALLS:
        return
    texts = [None if at is None or at >= len(arguments) else arguments[at] for at in CALLS[name]]
    if isinstance(texts[1], str) and texts[1] not in OF_DJANGO:
        yield Message(str(texts[0] or default), texts[1], str(texts[2] or ""))


def update() -> None:
    """Bring every catalogue up to date, and say what is left to translate."""
    places = messages()
    for language in PLURALS:
        old = read(language)
        empty = {message: ("",) * (old.plurals if message.plural else 1) for message in places}
        new = Catalogue(language, {message: old.entries.get(message, none) for message, none in empty.items()})
        write(new, places)
        missing = [message.text for message, texts in new.entries.items() if not all(texts)]
        print(f"{language}: {len(new.entries)} messages, {len(missing)} without a translation {missing[:5]}")  # noqa: T201  (a tool)


if __name__ == "__main__":
    import django
    from django.conf import settings

    settings.configure(USE_I18N=True)
    django.setup()
    update()
