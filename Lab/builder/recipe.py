"""What an image is made of, read from its folder, and the keys that say whether it has to be built again."""

import hashlib
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

# Goes into every key: raise it when the builder itself makes something different of the same recipe.
FORMAT = 1


@dataclass(frozen=True)
class Debian:
    """The root file system: Debian packages of one suite, and scripts that run before and after them."""

    folder: Path
    suites: list[str]
    pinned: dict[str, int]
    packages: list[str]
    exclude: list[str]

    def hook(self, name: str) -> Path | None:
        path = self.folder / name
        return path if path.exists() else None


@dataclass(frozen=True)
class Recipe:
    """One image. `name` is the official name that it stands under, `settings` are Docker's own words for it.
    `on_request`: built only where it is named, not with all the others."""

    folder: Path
    name: str
    title: str
    debian: Debian
    settings: dict
    files: dict[str, Path]
    on_request: bool

    @property
    def repository(self) -> str:
        repository = self.name.split(":")[0]
        return repository if "/" in repository else f"library/{repository}"

    @property
    def tag(self) -> str:
        return self.name.split(":")[1]

    def root_key(self, machine: str) -> str:
        """The key of the root file system. `machine` is what of this machine goes into it."""
        digest = hashlib.sha256(f"{FORMAT}\n{machine}\n".encode())
        add_tree(digest, self.debian.folder)
        return digest.hexdigest()

    def key(self, root_key: str) -> str:
        digest = hashlib.sha256(f"{FORMAT}\n{root_key}\n".encode())
        add_file(digest, "image.toml", self.folder / "image.toml")
        for place, source in sorted(self.files.items()):
            digest.update(f"{place}\n".encode())
            add_tree(digest, source)
        return digest.hexdigest()


def read(folder: Path) -> Recipe:
    with open(folder / "image.toml", "rb") as file:
        image = tomllib.load(file)
    with open(folder / "rootfs" / "debian.toml", "rb") as file:
        debian = tomllib.load(file)
    return Recipe(
        folder=folder,
        name=image["name"],
        title=image["title"],
        debian=Debian(
            folder=folder / "rootfs",
            suites=debian["suites"],
            pinned=debian.get("pinned", {}),
            packages=debian["packages"],
            exclude=debian.get("exclude", []),
        ),
        settings=image["settings"],
        files={place: (folder / source).resolve() for place, source in image.get("files", {}).items()},
        on_request=image.get("on_request", False),
    )


def tree(source: Path) -> list[tuple[str, Path]]:
    """The files at or below `source` with their relative names, in a fixed order, without Python's caches."""
    if source.is_file():
        return [("", source)]
    files = (path for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sorted((str(path.relative_to(source)), path) for path in files)


def add_tree(digest, source: Path) -> None:
    for name, path in tree(source):
        add_file(digest, name, path)


def add_file(digest, name: str, path: Path) -> None:
    content = path.read_bytes()
    executable = "x" if os.access(path, os.X_OK) else "-"
    digest.update(f"{name} {executable} {len(content)}\n".encode())
    digest.update(content)
