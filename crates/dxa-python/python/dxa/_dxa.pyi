from typing import Any

def version() -> str: ...
def analyze(
    paths: list[str],
    objects: list[tuple[str, bytes]],
    profile: str | None,
    references: list[str],
    context: str | None,
    corrections: str | None,
) -> str: ...
def images(
    paths: list[str], objects: list[tuple[str, bytes]], profile: str | None, corrections: str | None
) -> list[dict[str, Any]]: ...
def grade(text: str) -> str: ...
