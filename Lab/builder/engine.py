"""Brings images from the registry into the Docker engine of this machine."""

import json
import subprocess

from image import KEY_LABEL
from progress import BuildFailed, Progress
from recipe import Recipe


def docker(*words: str) -> str:
    done = subprocess.run(["docker", *words], capture_output=True, text=True)
    if done.returncode != 0:
        raise BuildFailed(f"docker {' '.join(words)} failed: {done.stderr.strip()}")
    return done.stdout.strip()


def demand() -> None:
    if subprocess.run(["docker", "version"], capture_output=True).returncode != 0:
        raise BuildFailed(
            "no Docker engine answers.\nRun: Lab/docker-engine (or leave the images in the registry: --no-pull)"
        )


def held_key(name: str) -> str | None:
    done = subprocess.run(["docker", "image", "inspect", name], capture_output=True, text=True)
    if done.returncode != 0:
        return None
    return (json.loads(done.stdout)[0]["Config"].get("Labels") or {}).get(KEY_LABEL)


def has_mirror(address: str) -> bool:
    mirrors = json.loads(docker("info", "--format", "{{json .RegistryConfig.Mirrors}}")) or []
    return any(mirror.rstrip("/") == f"http://{address}" for mirror in mirrors)


def pull(recipe: Recipe, key: str, address: str, progress: Progress) -> None:
    """A plain pull where the engine has the registry as its mirror; otherwise a pull by address, and a name."""
    if held_key(recipe.name) == key:
        return
    if has_mirror(address):
        docker("pull", "--quiet", recipe.name)
        progress.say("pulled")
    else:
        source = f"{address}/{recipe.repository}:{recipe.tag}"
        docker("pull", "--quiet", source)
        docker("tag", source, recipe.name)
        docker("rmi", source)
        progress.say(f"pulled from {address} (this engine does not have it as a mirror)")
    if held_key(recipe.name) != key:
        raise BuildFailed(
            f"the engine pulled another {recipe.name} than the one in the registry on {address}.\n"
            "Does another registry answer first? Look at: docker info"
        )
