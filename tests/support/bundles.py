"""The bundles below tests/bundles, with the wheel that a build would make."""

from __future__ import annotations

import shutil
from pathlib import Path
from zipfile import ZipFile

BUNDLES = Path(__file__).resolve().parents[1] / "bundles"
NAMES = ("ml", "pipeline", "wheel")


def copied_bundle(name: str, folder: Path) -> Path:
    """Copies a bundle below a folder and builds its wheel; returns its folder."""
    bundle = shutil.copytree(BUNDLES / name, folder / name)
    if name == "wheel":
        build_wheel(bundle)
    return bundle


def build_wheel(bundle: Path) -> None:
    """Writes the wheel of the package `orders`, as `uv build --wheel` would."""
    about = "orders-1.0.dist-info"
    (bundle / "dist").mkdir()
    with ZipFile(bundle / "dist" / "orders-1.0-py3-none-any.whl", "w") as wheel:
        wheel.write(bundle / "src" / "orders" / "__init__.py", "orders/__init__.py")
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: orders\nVersion: 1.0\n")
        wheel.writestr(f"{about}/entry_points.txt", "[console_scripts]\nmain = orders:main\n")
