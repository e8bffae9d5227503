import segno


def qr_svg_data_uri(text: str) -> str:
    """A QR code of `text` as a data: address, error correction M, with the quiet zone of four modules."""
    return segno.make(text, error="m", micro=False).svg_data_uri(
        border=4, dark="#000000", light=None, omitsize=True
    )
