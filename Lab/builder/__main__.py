"""Builds the lab's images, two at a time, and brings them into the engine. Run by Lab/build-images."""

import argparse
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import engine
import image
import machine
import recipe
from progress import BuildFailed, Progress
from registry import Registry

# The ones that take longest first, so that the last one to finish is a short one.
ORDER = ["odoo-14.0", "odoo-19.0", "postgres-17", "postgres-15", "mailpit"]


def main() -> int:
    arguments = parse()
    recipes = [recipe.read(folder) for folder in chosen(arguments.images, arguments.names)]
    if not arguments.names:
        recipes = [one for one in recipes if not one.on_request]
    registry = Registry(arguments.registry)
    begun = time.monotonic()
    try:
        registry.demand()
        if not arguments.no_pull:
            engine.demand()
        here = machine.examine()
    except BuildFailed as failure:
        return say_failure(str(failure))
    workshop = emptied(Path(arguments.state) / "build")

    def make(one: recipe.Recipe) -> str | None:
        """Builds and pulls one image; returns its name if that failed."""
        progress = Progress(one.name)
        key = one.key(one.root_key(here.identity))
        try:
            current = not arguments.rebuild and image.is_current(one, key, registry)
            if not current:
                image.build(one, here, registry, workshop, progress, anew=arguments.rebuild)
            if not arguments.no_pull:
                engine.pull(one, key, arguments.registry, progress)
            if current:
                progress.say("is there already")
            return None
        except BuildFailed as failure:
            progress.say(f"failed\n{failure}")
            return one.name

    with ThreadPoolExecutor(max_workers=2) as pool:
        made = [pool.submit(make, one) for one in recipes]
        try:
            failed = [name for future in made if (name := future.result())]
        except KeyboardInterrupt:
            pool.shutdown(wait=True, cancel_futures=True)
            say_failure("interrupted: the images built so far are kept")
            return 130
    if failed:
        return say_failure(f"not built: {', '.join(failed)}")
    print(f"lab: {len(recipes)} images ready: {time.monotonic() - begun:.1f} s", file=sys.stderr)
    return 0


def say_failure(text: str) -> int:
    print("lab: error: " + text.replace("\n", "\nlab:   "), file=sys.stderr)
    return 1


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="build-images", description="Builds the lab's images.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="an image (odoo:19.0) or its folder (odoo-19.0)")
    parser.add_argument("--no-pull", action="store_true", help="leave the images in the registry")
    parser.add_argument("--rebuild", action="store_true", help="build again what is there already")
    parser.add_argument("--images", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--state", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--registry", required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def chosen(images: str, names: list[str]) -> list[Path]:
    folders = {path.parent.name: path.parent for path in Path(images).glob("*/image.toml")}
    if not names:
        ranks = {name: rank for rank, name in enumerate(ORDER)}
        return sorted(folders.values(), key=lambda folder: (ranks.get(folder.name, len(ORDER)), folder.name))
    wanted = []
    for name in names:
        folder = name.split("/")[-1].removesuffix(":latest").replace(":", "-")
        if folder not in folders:
            say_failure(f"there is no recipe for {name}\nThere are: {', '.join(sorted(folders))}")
            sys.exit(2)
        wanted.append(folders[folder])
    return wanted


def emptied(folder: Path) -> Path:
    """The folder for builds, without what a killed build left. Its mounts ended with it; none is followed."""
    if folder.exists():
        subprocess.run(["rm", "-rf", "--one-file-system", str(folder)], check=True)
    folder.mkdir(parents=True)
    return folder


if __name__ == "__main__":
    sys.exit(main())
