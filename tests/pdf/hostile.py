"""Snippets that make a careless printer ask the network or read a file; `listener` and `file` are the canaries."""

from base64 import b64encode

NAMESPACES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def svg(inner: str) -> str:
    drawing = f'<svg {NAMESPACES} width="10" height="10">{inner}</svg>'
    return "data:image/svg+xml;base64," + b64encode(drawing.encode()).decode()


def snippets(listener: str, file: str) -> dict[str, str]:
    image_in_svg = svg(f'<image xlink:href="{listener}/data.png" width="9" height="9"/>')
    use_in_svg = svg(f'<use xlink:href="{listener}/use.svg#a"/>')
    font = f"@font-face{{font-family:f;src:url({listener}/f.ttf)}}p{{font-family:f}}"
    postscript = (
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(" + file.encode() + b") (r) file closefile\n"
    )
    return {
        "image": f'<img src="{listener}/image.png">',
        "style sheet": f'<link rel="stylesheet" href="{listener}/style.css">',
        "import": f'<style>@import "{listener}/import.css";</style>',
        "background": f'<p style="background:url({listener}/background.png)">x</p>',
        "font": f"<style>{font}</style><p>x</p>",
        "attachment by link": f'<link rel="attachment" href="{file}">',
        "attachment by anchor": f'<a rel="attachment" href="{file}">x</a>',
        "attachment from the network": f'<a rel="attachment" href="{listener}/attachment">x</a>',
        "object": f'<object data="{listener}/object.svg"></object>',
        "embed": f'<embed src="{listener}/embed.svg">',
        "inline drawing": f'<svg width="9" height="9"><image href="{listener}/inline.png"/></svg>',
        "drawing in an address": f'<img src="{image_in_svg}">',
        "use in a drawing": f'<img src="{use_in_svg}">',
        "redirect": f'<img src="{listener}/redirect?to={file}">',
        "base": f'<base href="{listener}/"><img src="relative.png">',
        "content": f"<style>p::before{{content:url({listener}/content.png)}}</style><p>x</p>",
        "file as picture": f'<img src="{file}"><object data="{file}"></object>',
        "PostScript": f'<img src="data:application/postscript;base64,{b64encode(postscript).decode()}">',
    }
