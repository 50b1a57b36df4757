"""What the door's API says of itself."""

from __future__ import annotations


def test_the_api_describes_itself_in_openapi_3_1(client, in_app):
    spec = client.get("/api/openapi.json").get_json()
    assert spec["openapi"].startswith("3.1")
    assert spec["paths"]
    assert all(path.startswith("/api/v1/") for path in spec["paths"])
    assert spec["components"]["securitySchemes"]["door"]["in"] == "cookie"
    for references in _references(spec):
        assert references.removeprefix("#/components/schemas/") in spec["components"]["schemas"]
    for operations in spec["paths"].values():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                kind = "application/problem+json" if status >= "400" else "application/json"
                assert list(answer["content"]) == [kind]
    assert spec["paths"]["/api/v1/door/sync"]["post"]["security"] == [{"door": []}]


def _references(part):
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def test_the_description_is_a_page_without_foreign_requests(client, in_app):
    page = client.page("/api/docs")
    assert "/api/v1/door/sync" in page.words
    for tag, attribute in (("script", "src"), ("link", "href"), ("img", "src")):
        for element in page.all(tag):
            assert not (element.get(attribute) or "/").startswith("http")
