"""Writes the SHA-256 of every table into its sidecar: python3 reference-data/scripts/seal.py [--check]."""

import hashlib
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINE = re.compile(r'^sha256 = "[0-9a-f]*"$', re.MULTILINE)


def sealed(sidecar: str, table: bytes) -> str:
    """The sidecar text with the digest of these table bytes."""
    top, header, rest = re.split(r"(^\[|\Z)", sidecar, maxsplit=1, flags=re.MULTILINE)
    top, count = LINE.subn(f'sha256 = "{hashlib.sha256(table).hexdigest()}"', top)
    if count != 1:
        raise SystemExit("a sidecar needs exactly one line `sha256 = \"…\"` before its first [table]")
    return top + header + rest


def main() -> int:
    """Seals all sidecars, or with --check only tells which are stale."""
    check = "--check" in sys.argv[1:]
    stale = []
    for table in sorted(ROOT.glob("*/*.csv")):
        sidecar = table.with_suffix(".toml")
        before = sidecar.read_text(encoding="utf-8")
        after = sealed(before, table.read_bytes())
        if before != after:
            stale.append(sidecar.relative_to(ROOT))
            if not check:
                sidecar.write_text(after, encoding="utf-8")
    for name in stale:
        print(("stale: " if check else "sealed: ") + str(name))
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
