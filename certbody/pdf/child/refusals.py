class Refused(Exception):
    """The bytes are not acceptable; `code` names the sentence that `certbody.files.checks` shows."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
