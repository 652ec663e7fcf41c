"""The few calls of the registry protocol (distribution, schema 2) that putting an image there takes."""

import hashlib
import http.client
import json
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from progress import BuildFailed

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
SETTINGS = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


@dataclass(frozen=True)
class Blob:
    digest: str
    size: int


class Registry:
    def __init__(self, address: str):
        self.address = address

    def demand(self) -> None:
        self.expect(200, "GET", "/v2/")

    def call(self, method: str, path: str, body=None, headers: dict | None = None):
        connection = http.client.HTTPConnection(self.address, timeout=300)
        try:
            connection.request(method, path, body=body, headers=headers or {},
                               encode_chunked=body is not None and not isinstance(body, bytes))
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        except OSError as error:
            raise BuildFailed(f"the registry on {self.address} does not answer ({error}).\nRun: Lab/registry start")
        finally:
            connection.close()

    def expect(self, status: int, method: str, path: str, **more):
        found, headers, content = self.call(method, path, **more)
        if found != status:
            raise BuildFailed(
                f"the registry on {self.address} answered {found} to {method} {path}: "
                + content.decode(errors="replace")
            )
        return headers, content

    def manifest(self, repository: str, tag: str) -> dict | None:
        status, _, content = self.call("GET", f"/v2/{repository}/manifests/{tag}", headers={"Accept": MANIFEST})
        return json.loads(content) if status == 200 else None

    def settings(self, repository: str, manifest: dict) -> dict:
        _, content = self.expect(200, "GET", f"/v2/{repository}/blobs/{manifest['config']['digest']}")
        return json.loads(content)

    def labels(self, repository: str, tag: str) -> dict[str, str]:
        manifest = self.manifest(repository, tag)
        if manifest is None:
            return {}
        return self.settings(repository, manifest)["config"].get("Labels") or {}

    def upload(self, repository: str, pieces: Iterable[bytes]) -> Blob:
        """Sends a blob while it is being made; nothing is kept in memory or in a file of ours."""
        headers, _ = self.expect(202, "POST", f"/v2/{repository}/blobs/uploads/", headers={"Content-Length": "0"})
        digest, size = hashlib.sha256(), 0

        def counted():
            nonlocal size
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                yield piece

        headers, _ = self.expect(202, "PATCH", place(headers), body=counted(),
                                 headers={"Content-Type": "application/octet-stream", "Transfer-Encoding": "chunked"})
        name = f"sha256:{digest.hexdigest()}"
        target = place(headers)
        joint = "&" if "?" in target else "?"
        self.expect(201, "PUT", f"{target}{joint}digest={name}", headers={"Content-Length": "0"})
        return Blob(name, size)

    def share(self, repository: str, blob: Blob, owner: str) -> None:
        """Makes a blob of the repository `owner` known in `repository` too, without copying it."""
        self.expect(201, "POST", f"/v2/{repository}/blobs/uploads/?mount={blob.digest}&from={owner}",
                    headers={"Content-Length": "0"})

    def put_image(self, repository: str, tag: str, settings: dict, layers: list[Blob]) -> None:
        config = self.upload(repository, [json.dumps(settings, sort_keys=True).encode()])
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": SETTINGS, "digest": config.digest, "size": config.size},
            "layers": [{"mediaType": LAYER, "digest": layer.digest, "size": layer.size} for layer in layers],
        }
        self.expect(201, "PUT", f"/v2/{repository}/manifests/{tag}", body=json.dumps(manifest).encode(),
                    headers={"Content-Type": MANIFEST})


def place(headers: dict) -> str:
    parts = urlsplit(headers["Location"])
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
