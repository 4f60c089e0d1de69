"""The pages that tests look at: whole documents around what the tags write, served by the live server."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.urls import include, path

PAGE = """<!doctype html>
<html lang="en"{{ html }}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Charts</title>
<link rel="icon" href="data:,">
{% block head %}{% endblock %}
<link rel="stylesheet" href="/static/charts/charts.css">
</head>
<body>
<main><h1>Charts</h1>
"""
END = "</main></body></html>"

# By name: the template of a page's body, the attributes of its <html>, what is in its <head>, and its context.
pages: dict[str, tuple[str, str, str, dict[str, Any]]] = {}


def put(name: str, body: str, *, html: str = "", head: str = "", **context: Any) -> str:
    """Make a page; return its path."""
    pages[name] = (body, html, head, context)
    return f"/page/{name}"


def written(name: str, request: HttpRequest | None = None) -> str:
    """Return a page as HTML."""
    body, html, head, context = pages[name]
    opened = PAGE.replace("{{ html }}", html).replace("{% block head %}{% endblock %}", head)
    template = Template("{% load charts %}" + opened + body + END)
    return template.render(RequestContext(request or HttpRequest(), {"request": request, **context}))


def page(request: HttpRequest, name: str) -> HttpResponse:
    if name not in pages:
        raise Http404
    response = HttpResponse(written(name, request))
    # As strict as a site may be: no inline script, no inline style.
    policy = "default-src 'self'; img-src 'self' data:; require-trusted-types-for 'script'"
    # A document's picture says its size in a style, for printers that mind nothing else.
    response["Content-Security-Policy"] = policy + ("; style-src-attr 'unsafe-inline'" if "embed" in name else "")
    return response


urlpatterns = [path("page/<str:name>", page), path("charts/", include("charts.urls"))]
