"""A chart of a Document as a picture that needs no script: SVG, on light paper or for a dark screen."""

from __future__ import annotations

from tertius.report.document import Figure

WIDTH = 660  # pixels, so that letters stay legible across a page


def svg(figure: Figure, *, dark: bool = False) -> str:
    """The picture of a chart, the same bytes for the same chart."""
    import vl_convert
    from altair import SCHEMA_VERSION

    spec, _ = figure.spec()
    if spec.get("width") == "container":
        spec["width"] = WIDTH
    for parameter in spec.get("params", ()):
        if parameter.get("name") == "dark":
            parameter["value"] = dark
    version = ".".join(SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    return str(vl_convert.vegalite_to_svg(spec, vl_version=version))
