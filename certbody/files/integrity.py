from collections.abc import Iterator

from certbody.files.storage import faults


def stored_files() -> Iterator[str]:
    """Name every stored file whose bytes are gone or are not those that were handed in."""
    for change in faults():
        yield f"files_storedfile {change.stored.pk} {change.stored.name}: the file is {change.fault}"
