"""Every field of the API that takes a text, read from its description: a new one is found by itself."""

import copy
from dataclasses import dataclass
from pathlib import Path

import yaml

DESCRIPTION = Path(__file__).parents[2] / "Sources/Web/API/openapi.yaml"


@dataclass(frozen=True)
class TextField:
    """One place in the body of one request."""

    operation: str
    method: str
    path: str
    place: tuple

    def __str__(self):
        return f"{self.operation}.{'.'.join(map(str, self.place))}"

    def body(self, sample, text):
        """`sample` with `text` in this place."""
        body = copy.deepcopy(sample)
        inside = body
        for name, following in zip(self.place, self.place[1:]):
            empty = [] if isinstance(following, int) else {}
            if isinstance(inside, list):
                inside.append(empty)
                inside = inside[-1]
            else:
                inside = inside.setdefault(name, empty)
        if isinstance(inside, list):
            inside.append(text)
        else:
            inside[self.place[-1]] = text
        return body


def all_text_fields():
    """Every text of a body that is not one of a list of words, an id or a time."""
    document = yaml.safe_load(DESCRIPTION.read_text())

    def resolved(schema):
        while "$ref" in schema:
            inside = document
            for name in schema["$ref"].removeprefix("#/").split("/"):
                inside = inside[name]
            schema = inside
        return schema

    def texts(schema, place):
        schema = resolved(schema)
        for part in schema.get("allOf", []):
            yield from texts(part, place)
        kinds = schema.get("type")
        kinds = kinds if isinstance(kinds, list) else [kinds]
        if "string" in kinds and not schema.get("enum") and schema.get("format") not in ("uuid", "date-time"):
            yield place
        if "array" in kinds:
            yield from texts(schema["items"], (*place, 0))
        for name, part in schema.get("properties", {}).items():
            yield from texts(part, (*place, name))

    for path, item in document["paths"].items():
        for method in ("post", "put", "patch"):
            if method not in item or "requestBody" not in item[method]:
                continue
            body = resolved(item[method]["requestBody"])["content"]["application/json"]["schema"]
            for place in texts(body, ()):
                yield TextField(item[method]["operationId"], method.upper(), path, place)
