"""Builds one image: the root file system as one layer, our own files as a second, small one."""

import io
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import rootfs
from machine import Machine
from progress import Progress
from recipe import Recipe, tree
from registry import Blob, Registry

KEY_LABEL = "org.odeum.lab.key"
# Root file systems are images too, under their key, so that a change of an entrypoint does not install Debian anew.
ROOT_REPOSITORY = "odeum-lab/rootfs"


def is_current(recipe: Recipe, key: str, registry: Registry) -> bool:
    return registry.labels(recipe.repository, recipe.tag).get(KEY_LABEL) == key


def build(recipe: Recipe, machine: Machine, registry: Registry, workshop: Path, progress: Progress,
          anew: bool = False) -> None:
    """Puts the image into the registry. `anew`: even the root file system, where it is there already."""
    root_key = recipe.root_key(machine.identity)
    root = None if anew else held_root_layer(root_key, registry)
    if root is None:
        root = new_root_layer(recipe, root_key, machine, registry, workshop, progress)
    registry.share(recipe.repository, root, ROOT_REPOSITORY)
    layers = [root]
    if recipe.files:
        layers.append(registry.upload(recipe.repository, [files_layer(recipe)]))
    labels = {
        KEY_LABEL: recipe.key(root_key),
        "org.odeum.lab.recipe": recipe.folder.name,
        "org.opencontainers.image.title": recipe.title,
        "org.opencontainers.image.description":
            f"Stands in for {recipe.name}, built from Debian packages. Not the official image.",
    }
    settings = recipe.settings | {"Labels": labels}
    registry.put_image(recipe.repository, recipe.tag, image_settings(machine, settings, layers), layers)
    progress.say(f"ready, {sum(layer.size for layer in layers) / 1e6:.0f} MB")


def held_root_layer(key: str, registry: Registry) -> Blob | None:
    manifest = registry.manifest(ROOT_REPOSITORY, key)
    if manifest is None:
        return None
    layer = manifest["layers"][0]
    return Blob(layer["digest"], layer["size"])


def new_root_layer(recipe: Recipe, key: str, machine: Machine, registry: Registry, workshop: Path,
                   progress: Progress) -> Blob:
    progress.say("installing Debian " + ", ".join([*recipe.debian.suites, *recipe.debian.pinned]))
    with rootfs.stream(recipe.debian, machine, workshop, progress) as pieces:
        layer = registry.upload(ROOT_REPOSITORY, pieces)
    registry.put_image(ROOT_REPOSITORY, key, image_settings(machine, {}, [layer]), [layer])
    return layer


def files_layer(recipe: Recipe) -> bytes:
    """The recipe's own files, owned by root, with no time of their own: same files, same layer."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, path in our_files(recipe):
            entry = tarfile.TarInfo(name.lstrip("/"))
            entry.size = path.stat().st_size
            entry.mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
            with open(path, "rb") as file:
                archive.addfile(entry, file)
    return packed.getvalue()


def our_files(recipe: Recipe) -> Iterator[tuple[str, Path]]:
    for place, source in sorted(recipe.files.items()):
        for name, path in tree(source):
            yield (f"{place}/{name}" if name else place), path


def image_settings(machine: Machine, settings: dict, layers: list[Blob]) -> dict:
    """The image's configuration. Layers are stored unpacked, so each one's digest is that of its content."""
    return {
        "architecture": machine.architecture,
        "os": "linux",
        "created": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "config": settings,
        "rootfs": {"type": "layers", "diff_ids": [layer.digest for layer in layers]},
        "history": [{"created_by": "Odeum lab"} for _ in layers],
    }
