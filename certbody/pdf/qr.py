import segno


def qr_png_data_uri(text: str) -> str:
    """A QR code of `text` as a data: address, error correction M, with the quiet zone of four modules.

    A picture is taken into the page as it is, where a drawing would be translated line by line; a module has four
    dots each way, so that readers that smooth pictures leave its edges sharp.
    """
    return segno.make(text, error="m", micro=False).png_data_uri(border=4, scale=4)
