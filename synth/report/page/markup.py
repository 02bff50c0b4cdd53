"""Making HTML and SVG whose every text and attribute is escaped."""

from markupsafe import Markup, escape

Content = str | Markup | None
Attribute = str | float | bool | None


def tag(name: str, *content: Content, **attributes: Attribute) -> Markup:
    """Return an element: `tag("rect", x=1, class_="bar")` is `<rect x="1" class="bar"></rect>`.

    Text is escaped, markup is not. Underscores in attributes' names stand for dashes, a last one is dropped;
    numbers have at most two decimals; None and False leave an attribute out, True gives it no value.
    """
    inner = Markup("").join(escape(part) for part in content if part is not None)
    words = Markup("").join(_attribute(key, value) for key, value in attributes.items())
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), words, inner)


def _attribute(key: str, value: Attribute) -> Markup:
    if value is None or value is False:
        return Markup("")
    name = Markup(key.removesuffix("_").replace("_", "-"))
    if value is True:
        return Markup(" {}").format(name)
    return Markup(' {}="{}"').format(name, compact(value) if isinstance(value, int | float) else value)


def compact(value: float) -> str:
    """Return a number with at most two decimals and no zeros at their end."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
