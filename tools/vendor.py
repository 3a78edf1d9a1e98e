"""Fetch the front-end files and the font we ship, from the npm registry, exactly as the manifests beside them say.

uv run tools/vendor.py            check the committed files against their checksums
uv run --with brotli tools/vendor.py --fetch    fetch them again (needs npm), rebuild the icon sprite, unpack the font, write the checksums
"""

import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MANIFESTS = (
    ROOT / "src/jiean/design/static/design/vendor/manifest.json",
    ROOT / "src/jiean/disputes/papers/fonts/manifest.json",
    ROOT / "tests/browser/vendor/manifest.json",
)
OWN_SHAPES = {
    "grade-1": '<path d="M12 2l10 10l-10 10l-10 -10z"/>',
    "grade-2": '<path d="M12 3l10 18h-20z"/>',
    "grade-3": '<circle cx="12" cy="12" r="9"/>',
    "grade-4": '<circle cx="12" cy="12" r="8"/>',
    "mark": '<path d="M12 3a12 12 0 0 0 8.5 3a12 12 0 0 1 -8.5 15a12 12 0 0 1 -8.5 -15a12 12 0 0 0 8.5 -3"/>'
    '<path d="M8 13l4 -4l4 4"/><path d="M10 12v4h4v-4"/>',
}


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def unpack(package: dict[str, Any], folder: Path) -> tarfile.TarFile:
    """The npm tarball of one package, opened."""
    spec = f"{package['name']}@{package['version']}"
    packed = subprocess.run(
        ["npm", "pack", "--silent", spec], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.split()[-1]
    return tarfile.open(folder / packed)


def read(tarball: tarfile.TarFile, name: str) -> bytes:
    """One file of the package, without its pointer to a source map we do not ship."""
    member = tarball.extractfile(f"package/{name}")
    if member is None:
        raise FileNotFoundError(name)
    return re.sub(rb"\n//# sourceMappingURL=\S+\s*$", b"\n", member.read())


def sprite(tarball: tarfile.TarFile, names: list[str]) -> str:
    """One SVG file with a <symbol> per icon, ours included."""
    shapes = dict(OWN_SHAPES)
    for name in sorted(names):
        svg = read(tarball, f"icons/outline/{name}.svg").decode()
        drawn = [line.strip() for line in re.findall(r"^\s+<[a-z].*/>$", svg, re.MULTILINE)]
        shapes[name] = "".join(line for line in drawn if 'stroke="none"' not in line)
    symbols = "\n".join(f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>' for name, body in shapes.items())
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'


def unpacked(woff2: bytes) -> bytes:
    """A font as browsers take it, in the form the compiler of papers reads; the same bytes each time."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 — needs brotli beside it, and only to fetch

    font, kept = TTFont(io.BytesIO(woff2), recalcTimestamp=False), io.BytesIO()
    font.flavor = None
    font.save(kept, reorderTables=True)
    return kept.getvalue()


def fetch(manifest: Path) -> None:
    listing = json.loads(manifest.read_text())
    with tempfile.TemporaryDirectory() as folder:
        for package in listing["packages"]:
            with unpack(package, Path(folder)) as tarball:
                for name, entry in package["files"].items():
                    target = manifest.parent / name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    if "sprite" in entry:
                        target.write_text(sprite(tarball, entry["sprite"]))
                    else:
                        whole = read(tarball, entry["from"])
                        target.write_bytes(unpacked(whole) if entry.get("unpacked") else whole)
                    entry["sha256"] = sha256(target)
    manifest.write_text(json.dumps(listing, indent=1, ensure_ascii=False) + "\n")


def wrong_files(manifest: Path) -> list[str]:
    """The files whose content is not what the manifest says."""
    return [
        str(manifest.parent / name)
        for package in json.loads(manifest.read_text())["packages"]
        for name, entry in package["files"].items()
        if not (manifest.parent / name).exists() or sha256(manifest.parent / name) != entry["sha256"]
    ]


def main() -> int:
    if "--fetch" in sys.argv:
        for manifest in MANIFESTS:
            fetch(manifest)
    wrong = [name for manifest in MANIFESTS for name in wrong_files(manifest)]
    print("\n".join(f"differs from its manifest: {name}" for name in wrong) or "all vendored files are as listed")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
