"""Why there is no phone, each with a code that pages have a sentence for."""


class PhoneError(Exception):
    code = "phone"

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


def away(reason: object) -> PhoneError:
    return PhoneError(f"Asterisk cannot be reached: {reason}", "phone_away")
